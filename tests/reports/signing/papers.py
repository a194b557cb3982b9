"""A small PDF as the printing makes them, without printing one; certificates that a practice brings; and a reader."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pikepdf
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import NameOID

XMP = """<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"
pdfaid:part="3" pdfaid:conformance="B" pdfuaid:part="1"/></rdf:RDF></x:xmpmeta><?xpacket end="w"?>"""
PASSWORD = "open sesame"


def pdf(text: str = "A report") -> bytes:
    """One page, tagged as far as sealing has to keep it."""
    made, file = pikepdf.new(), BytesIO()
    made.add_blank_page(page_size=(595, 842))
    page = made.pages[0]
    page.obj.Tabs = pikepdf.Name.S
    page.obj.Contents = made.make_stream(f"% {text}\n".encode())
    root = made.Root
    root.Lang, root.MarkInfo = pikepdf.String("en"), pikepdf.Dictionary(Marked=True)
    root.StructTreeRoot = made.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.StructTreeRoot))
    root.Metadata = made.make_indirect(made.make_stream(XMP.encode(), Type=pikepdf.Name.Metadata))
    root.Metadata.Subtype = pikepdf.Name.XML
    made.docinfo["/Title"] = text
    made.save(file)
    return file.getvalue()


def brought(
    name: str = "North Radiology", *, days: int = 365, bits: int = 0, usage: x509.KeyUsage | None = None,
    certifies: Any = None, password: str = PASSWORD,
) -> bytes:  # fmt: skip
    """A PKCS #12 file, with a key of RSA where `bits` are asked for."""
    key: Any = rsa.generate_private_key(65537, bits) if bits else ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    public = certifies or key.public_key()
    builder = x509.CertificateBuilder(subject, subject, public, x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=999)).not_valid_after(now + timedelta(days=days))
    if usage is not None:
        builder = builder.add_extension(usage, critical=True)
    certificate = builder.sign(key, SHA256())
    encryption = BestAvailableEncryption(password.encode())
    return pkcs12.serialize_key_and_certificates(b"seal", key, certificate, None, encryption)


def keys_of(file: bytes) -> tuple[Any, Any]:
    """The certificate and the key in such a file, as pyHanko has them."""
    from pyhanko.sign.signers import SimpleSigner

    signer = SimpleSigner.load_pkcs12_data(file, other_certs=[], passphrase=PASSWORD.encode())
    return signer.signing_cert, signer.signing_key


def seal_of(pdf: bytes, chain: str) -> Any:
    """What pyHanko says of the file's first seal, for who trusts the chain."""
    from pyhanko.keys import load_certs_from_pemder_data
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    trusted = ValidationContext(trust_roots=list(load_certs_from_pemder_data(chain.encode())))
    return validate_pdf_signature(PdfFileReader(BytesIO(pdf)).embedded_signatures[0], trusted)
