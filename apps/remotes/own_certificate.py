"""The certificate that this server presents by TLS: the site's, or one that signs itself, made once."""

import os
import ssl
import tempfile
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings

from apps.remotes.certificates import certificates_of

# A device that was told to trust it should not have to be told again soon.
GOOD_FOR: Final = timedelta(days=365 * 10)
FOLDER: Final = "dimse"


def files() -> tuple[Path, Path]:
    """The certificate, with those that lead to its root, and its key, both in PEM; made now where the site gave none.

    Raises ValueError where the site gave one without the other.
    """
    given = settings.DIMSE_TLS_CERTIFICATE, settings.DIMSE_TLS_KEY
    if all(given):
        return Path(given[0]), Path(given[1])
    if any(given):
        raise ValueError("FOVEA_DIMSE_TLS_CERTIFICATE and FOVEA_DIMSE_TLS_KEY go together: set both, or neither.")
    folder = settings.DATA / FOLDER
    both = folder / "certificate-and-key.pem"
    if not both.exists():
        folder.mkdir(parents=True, exist_ok=True)
        _make(both)
    return both, both


def certificate() -> str:
    """This server's certificate in PEM, for those who are to trust it. Raises OSError and ValueError."""
    return "".join(map(ssl.DER_cert_to_PEM_cert, certificates_of(files()[0].read_text())))


def _make(path: Path) -> None:
    """A key of P-256 and a certificate for it, in one file: of several processes the first one's."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, settings.AE_TITLE)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + GOOD_FOR)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(private, hashes.SHA256())
    )
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    content = private.private_bytes(pem, pkcs8, serialization.NoEncryption()) + made.public_bytes(pem)
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part") as part:
        part.write(content)
        part.flush()
        with suppress(FileExistsError):
            os.link(part.name, path)
