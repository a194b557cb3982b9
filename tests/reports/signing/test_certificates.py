"""What a practice seals with: brought as PKCS #12, else made here; the key sealed, every change on record."""

from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from django.utils import timezone

from apps.accounts.models import Practice, User
from apps.accounts.principal import Principal
from apps.audit.models import Event
from apps.core.errors import Conflict, Invalid, Refused
from apps.core.sealed import seal
from apps.reports import certificates, sealing
from apps.reports.models import SigningCertificate
from tests.reports.signing import papers

pytestmark = pytest.mark.django_db
FILE = papers.brought()


def bring(user: User, practice: Practice, file: bytes = FILE, password: str = papers.PASSWORD) -> SigningCertificate:
    return certificates.bring(Principal.of(user), practice, file, password, source="test")


def test_one_is_made_at_first_need_and_kept(practice: Practice) -> None:
    first, second = certificates.identity_of(practice), certificates.identity_of(practice)
    row = SigningCertificate.objects.get()
    assert first == second
    assert (row.subject, row.is_self_signed, row.is_active) == ("CN=North", True, True)
    assert "PRIVATE KEY" in first.key
    assert "PRIVATE KEY" not in row.key + row.chain
    (event,) = Event.objects.filter(action="configuration")
    assert (event.actor, event.practice_id) == ("signing", practice.pk)


def test_what_is_brought_is_used(practice: Practice, user: User) -> None:
    certificates.identity_of(practice)
    row = bring(user, practice)
    assert certificates.identity_of(practice).chain == row.chain
    assert (row.subject, row.is_self_signed) == ("CN=North Radiology", False)
    assert papers.seal_of(sealing.seal(papers.pdf(), practice), row.chain).bottom_line
    assert "certificate brought: CN=North Radiology" in Event.objects.latest("pk").detail
    certificates.switch(Principal.of(user), row, is_active=False, source="test")
    assert certificates.identity_of(practice).chain != row.chain


def test_rsa_seals_too(practice: Practice, user: User) -> None:
    row = bring(user, practice, papers.brought(bits=2048))
    assert papers.seal_of(sealing.seal(papers.pdf(), practice), row.chain).bottom_line


def test_one_that_has_expired_is_used_no_more(practice: Practice, user: User) -> None:
    row = bring(user, practice)
    SigningCertificate.objects.update(valid_until=timezone.now())
    assert certificates.identity_of(practice).chain != row.chain


ENCIPHERING = x509.KeyUsage(
    digital_signature=False, content_commitment=False, key_encipherment=True, data_encipherment=False,
    key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
)  # fmt: skip


@pytest.mark.parametrize(
    ("file", "password", "words"),
    [
        (b"\x30\x00", "", "no PKCS #12 file"),
        (FILE, "wrong", "another password"),
        (papers.brought(days=-1), papers.PASSWORD, "not valid now"),
        (papers.brought(bits=1024), papers.PASSWORD, "fewer than 2048 bits"),
        (papers.brought(usage=ENCIPHERING), papers.PASSWORD, "not for signing"),
        (b"\0" * (65 << 10), "", "larger than 64 KiB"),
    ],
)
def test_what_no_pdf_can_be_sealed_with_is_refused(
    practice: Practice, user: User, file: bytes, password: str, words: str
) -> None:
    with pytest.raises(Invalid) as refused:
        bring(user, practice, file, password)
    assert words in str(refused.value.errors)
    assert not SigningCertificate.objects.exists()


def test_the_key_is_the_certificates(practice: Practice) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate: Any = x509.load_pem_x509_certificate(certificates._self_signed(practice).chain.encode())
    assert "none of the certificate's" in certificates._unfit(key, certificate)


def test_only_who_administers_the_practice_decides(practice: Practice, stranger: User, user: User) -> None:
    row = bring(user, practice)
    who = Principal.of(stranger)
    for door in (
        lambda: bring(stranger, practice),
        lambda: certificates.make(who, practice, source="test"),
        lambda: certificates.switch(who, row, is_active=False, source="test"),
    ):
        with pytest.raises(Refused):
            door()


def test_a_key_that_cannot_be_read_any_more_is_said(practice: Practice, user: User) -> None:
    bring(user, practice)
    SigningCertificate.objects.update(key=seal("x")[:-4] + "AAA=")
    with pytest.raises(Conflict, match="bring it again"):
        certificates.identity_of(practice)
