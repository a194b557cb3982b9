"""Sealing a PDF: a digital signature of the practice's, PAdES-B-B (ETSI EN 319 142-1), with a time stamp (B-T) where
the site names an authority.

It says that the file is as this site has made it; who stands for what it says, is in it. It is the certifying
signature of ISO 32000-1 12.8.2.2 with no changes allowed: a reader shows any. Nothing of the bytes before changes.
"""

from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings

from apps.accounts.models import Practice
from apps.reports import certificates
from apps.reports.certificates import Identity

if TYPE_CHECKING:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.signers import PdfSigner, SimpleSigner
    from pyhanko.sign.timestamps import TimeStamper

FIELD: Final = "Seal"
DIGEST: Final = "sha256"
TIMESTAMP_SECONDS: Final = 20


def seal(pdf: bytes, practice: Practice) -> bytes:
    """The PDF as it is, and the practice's seal after it. For a worker: it imports what is heavy.

    Raises Conflict where the practice's key can't be read any more, and what asking the time stamp authority raises.
    """
    return sealed(pdf, practice.name, certificates.identity_of(practice))


def sealed(pdf: bytes, name: str, identity: Identity) -> bytes:
    """The same for a given certificate; `name` is whose seal it is."""
    done: Any = _pdf_signer(name, identity).sign_pdf(_writer(pdf))
    return bytes(done.getvalue())


def _writer(pdf: bytes) -> "IncrementalPdfFileWriter":
    """What is added to the file. Its metadata stay: they say that it is PDF/A and PDF/UA, and what has made it."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    class Added(IncrementalPdfFileWriter):
        def _update_meta(self) -> None:
            """Nothing."""

    return Added(BytesIO(pdf))


def _pdf_signer(name: str, identity: Identity) -> "PdfSigner":
    from pyhanko.sign.fields import InvisSigSettings, MDPPerm, SigFieldSpec, SigSeedSubFilter
    from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner

    metadata = PdfSignatureMetadata(
        field_name=FIELD, name=name, md_algorithm=DIGEST, subfilter=SigSeedSubFilter.PADES,
        certify=True, docmdp_permissions=MDPPerm.NO_CHANGES,
    )  # fmt: skip
    # Its widget has no size and lies outside of the page: PDF/A-3 wants none hidden (ISO 19005-3 6.3.2), PDF/UA-1 none
    # within the page without a tag (ISO 14289-1 7.18.1), and a name that can be read for each field.
    unseen = InvisSigSettings(set_print_flag=True, set_hidden_flag=False, box_out_of_bounds=True)
    field = SigFieldSpec(FIELD, readable_field_name=FIELD, invis_sig_settings=unseen)
    return PdfSigner(metadata, _signer(identity), timestamper=_timestamper(), new_field_spec=field)


def _signer(identity: Identity) -> "SimpleSigner":
    from pyhanko.keys import load_certs_from_pemder_data, load_private_key_from_pemder_data
    from pyhanko.sign.signers import SimpleSigner
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    chain = list(load_certs_from_pemder_data(identity.chain.encode()))
    store = SimpleCertificateStore()
    store.register_multiple(chain)
    key = load_private_key_from_pemder_data(identity.key.encode(), None)
    return SimpleSigner(signing_cert=chain[0], signing_key=key, cert_registry=store)


def _timestamper() -> "TimeStamper | None":
    """The authority (RFC 3161) that the site has named; none unless it has."""
    if not settings.TIMESTAMP_URL:
        return None
    from pyhanko.sign.timestamps.requests_client import RequestsHTTPTimeStamper

    return RequestsHTTPTimeStamper(settings.TIMESTAMP_URL, timeout=TIMESTAMP_SECONDS)
