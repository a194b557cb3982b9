"""What a practice's PDFs are sealed with: certificates (X.509, RFC 5280) that it has brought, else one made here.

A key never leaves this site: it is sealed by the site's own, and opened by the worker that seals a PDF.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import Practice
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive.models import TEXT_LENGTH
from apps.audit.record import Action, tell
from apps.core.errors import Conflict, Invalid, Refused
from apps.core.sealed import Unsealable, seal, unseal
from apps.reports.models import SigningCertificate
from apps.saying import say

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

MOST_BYTES: Final = 64 << 10
MOST_IN_CHAIN: Final = 10
# One that is made here holds so long: nobody renews it, and whoever checks an old report looks at when it was sealed.
YEARS: Final = 10
LEAST_RSA_BITS: Final = 2048
# Of a common name (RFC 5280, ub-common-name); its bytes in UTF-8 are what is counted.
LONGEST_NAME: Final = 64
# id-kp-documentSigning (RFC 9336).
DOCUMENT_SIGNING: Final = "1.3.6.1.5.5.7.3.36"
ACTOR: Final = "signing"


@dataclass(frozen=True, slots=True)
class Identity:
    """A certificate with those that it was signed by, PEM, the own one first; and its key, PEM (PKCS #8)."""

    chain: str
    key: str


def identity_of(practice: Practice) -> Identity:
    """What the practice seals with now; made here where it has nothing that is valid.

    Raises Conflict where the site's key has changed since it was brought.
    """
    with transaction.atomic():
        Practice.objects.select_for_update().only("pk").get(pk=practice.pk)
        row = current(practice) or _made_here(practice)
    try:
        return Identity(row.chain, unseal(row.key))
    except Unsealable as error:
        raise Conflict(
            say("The site's key has changed since the certificate {subject} was brought: bring it again.",
                subject=row.subject)
        ) from error  # fmt: skip


def current(practice: Practice) -> SigningCertificate | None:
    """The newest certificate that is active and valid; None where PDFs would be sealed with one made here."""
    rows = SigningCertificate.objects.filter(practice=practice, is_active=True, valid_until__gt=timezone.now())
    return rows.order_by("-pk").first()


def bring(who: Principal, practice: Practice, file: bytes, password: str, *, source: str) -> SigningCertificate:
    """Take a certificate and its key from a PKCS #12 file (RFC 7292). Raises Refused without the permission, and as
    `read`."""
    _decide(who, practice.pk)
    key, chain = read(file, password)
    with transaction.atomic():
        row = _row(practice, key, chain)
        row.save()
        _tell(who, row, "certificate brought", source)
    return row


def read(file: bytes, password: str) -> "tuple[PrivateKeyTypes, list[x509.Certificate]]":
    """The key in a PKCS #12 file and its certificate, with those that come with it.

    Raises Invalid for what is no such file, another password, or no certificate that a PDF can be signed with now.
    """
    key, certificate, others = _opened(file, password)
    if wrong := _unfit(key, certificate):
        raise Invalid(errors=[("file", wrong)])
    return key, [certificate, *others]


def make(who: Principal, practice: Practice, *, source: str) -> SigningCertificate:
    """Make a new one here, signed by itself. Raises Refused."""
    _decide(who, practice.pk)
    with transaction.atomic():
        row = _self_signed(practice)
        row.save()
        _tell(who, row, "certificate made", source)
    return row


def switch(who: Principal, row: SigningCertificate, *, is_active: bool, source: str) -> SigningCertificate:
    """Use it from now on, or no longer; what it has sealed stays as it is. Raises Refused."""
    _decide(who, row.practice_id)
    with transaction.atomic():
        row.is_active = is_active
        row.save(update_fields=["is_active"])
        _tell(who, row, "certificate used" if is_active else "certificate no longer used", source)
    return row


def _decide(who: Principal, practice_id: int) -> None:
    if not who.may_in_all_of(Permission.ADMINISTER, practice_id):
        raise Refused(say("You do not administer this practice."))


def _tell(who: Principal | None, row: SigningCertificate, what: str, source: str) -> None:
    detail = f"{what}: {row.subject}, SHA-256 {row.fingerprint[:16]}…"
    actor = "" if who else ACTOR
    tell(Action.CONFIGURATION, principal=who, actor=actor, practice_id=row.practice_id, detail=detail, source=source)


def _made_here(practice: Practice) -> SigningCertificate:
    row = _self_signed(practice)
    row.save()
    _tell(None, row, "certificate made", ACTOR)
    return row


def _self_signed(practice: Practice) -> SigningCertificate:
    """ECDSA on P-256: readers of PDF know it, and a worker makes and uses it in milliseconds."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _common_name(practice))])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=365 * YEARS))
    for extension, is_critical in _extensions():
        builder = builder.add_extension(extension, is_critical)
    return _row(practice, key, [builder.sign(key, SHA256())], is_self_signed=True)


def _common_name(practice: Practice) -> str:
    return practice.name.encode()[:LONGEST_NAME].decode(errors="ignore") or "Practice"


def _extensions() -> "list[tuple[x509.ExtensionType, bool]]":
    """It signs documents, in somebody's name, and no other certificates."""
    from cryptography import x509

    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=True, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    return [
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (usage, True),
        (x509.ExtendedKeyUsage([x509.ObjectIdentifier(DOCUMENT_SIGNING)]), False),
    ]


def _row(
    practice: Practice, key: "PrivateKeyTypes", chain: "list[x509.Certificate]", *, is_self_signed: bool = False
) -> SigningCertificate:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    own = chain[0]
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return SigningCertificate(
        practice=practice,
        chain="".join(each.public_bytes(Encoding.PEM).decode() for each in chain),
        key=seal(plain),
        subject=own.subject.rfc4514_string()[:TEXT_LENGTH],
        fingerprint=own.fingerprint(SHA256()).hex(),
        valid_until=own.not_valid_after_utc,
        is_self_signed=is_self_signed,
    )


def _opened(file: bytes, password: str) -> "tuple[PrivateKeyTypes, x509.Certificate, list[x509.Certificate]]":
    from cryptography.hazmat.primitives.serialization import pkcs12

    if len(file) > MOST_BYTES:
        raise Invalid(errors=[("file", say("This is larger than {most} KiB.", most=MOST_BYTES >> 10))])
    try:
        key, certificate, others = pkcs12.load_key_and_certificates(file, password.encode() or None)
    except ValueError as error:
        text = say("This is no PKCS #12 file (.p12, .pfx), or it has another password.")
        raise Invalid(errors=[("file", text)]) from error
    if key is None or certificate is None:
        raise Invalid(errors=[("file", say("There is no certificate with its key in this file."))])
    if len(others) >= MOST_IN_CHAIN:
        text = say("There are more than {most} certificates in this file.", most=MOST_IN_CHAIN)
        raise Invalid(errors=[("file", text)])
    return key, certificate, list(others)


def _unfit(key: "PrivateKeyTypes", certificate: "x509.Certificate") -> str:
    """Why no reader of a PDF would believe it; empty for one that is fit."""
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    now = timezone.now()
    if not certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc:
        return say("This certificate is not valid now: its time is another.")
    if key.public_key() != certificate.public_key():
        return say("The key in this file is none of the certificate's.")
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        return say("Its key is neither RSA nor of an elliptic curve.")
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size < LEAST_RSA_BITS:
        return say("Its RSA key has fewer than {bits} bits.", bits=LEAST_RSA_BITS)
    return "" if _may_sign(certificate) else say("This certificate is not for signing.")


def _may_sign(certificate: "x509.Certificate") -> bool:
    """Whether its key usage (RFC 5280 4.2.1.3), where it says one, has signatures among them."""
    from cryptography import x509

    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return usage.digital_signature or usage.content_commitment
