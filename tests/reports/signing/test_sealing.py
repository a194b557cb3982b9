"""The seal: PAdES, any changed byte shows, and PDF/A-3 and PDF/UA-1 still hold. Without a database."""

import sys
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from pyhanko.pdf_utils.generic import TextStringObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.timestamps import DummyTimeStamper, requests_client
from pytest_django.fixtures import Settings

from apps.accounts.models import Practice
from apps.core.sealed import unseal
from apps.reports import certificates, sealing
from apps.reports.certificates import Identity
from tests.reports.signing import papers

PLAIN = papers.pdf()


@pytest.fixture(scope="module")
def identity() -> Identity:
    row = certificates._self_signed(Practice(name="Nørd \u202ePraxis" * 9))
    return Identity(row.chain, unseal(row.key))


@pytest.fixture(scope="module")
def sealed(identity: Identity) -> bytes:
    return sealing.sealed(PLAIN, "North", identity)


@pytest.fixture(scope="module")
def opened(sealed: bytes) -> Any:
    return pikepdf.open(BytesIO(sealed))


def test_who_trusts_the_practice_believes_it(sealed: bytes, identity: Identity) -> None:
    found = papers.seal_of(sealed, identity.chain)
    assert (found.bottom_line, found.coverage.name) == (True, "ENTIRE_FILE")
    other = certificates._self_signed(Practice(name="South"))
    assert not papers.seal_of(sealed, other.chain).bottom_line


def test_it_is_pades_and_allows_no_changes(sealed: bytes) -> None:
    signature = PdfFileReader(BytesIO(sealed)).embedded_signatures[0]
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert (signature.docmdp_level.name, signature.sig_object["/Name"]) == ("NO_CHANGES", "North")
    attributes = {each["type"].native for each in signature.signer_info["signed_attrs"]}
    # PAdES-B-B (ETSI EN 319 142-1, table 1): which certificate it is, and no time but the dictionary's.
    assert "signing_certificate_v2" in attributes
    assert "signing_time" not in attributes


@pytest.mark.parametrize("place", [120, len(PLAIN) // 2, len(PLAIN) - 20, len(PLAIN) + 300])
def test_any_changed_byte_shows(sealed: bytes, identity: Identity, place: int) -> None:
    changed = bytearray(sealed)
    changed[place] ^= 1
    try:
        found = papers.seal_of(bytes(changed), identity.chain)
    except (PdfError, IndexError, KeyError, ValueError):
        return
    assert not found.bottom_line


def test_what_is_added_later_shows(sealed: bytes, identity: Identity) -> None:
    """An update after the seal, of the kind that other programs add their changes by."""
    writer = IncrementalPdfFileWriter(BytesIO(sealed))
    writer.root["/Lang"] = TextStringObject("fr")
    writer.update_root()
    changed = BytesIO()
    writer.write(changed)
    found = papers.seal_of(changed.getvalue(), identity.chain)
    assert not found.bottom_line
    assert changed.getvalue().startswith(sealed)


def test_not_a_byte_before_it_is_another(sealed: bytes) -> None:
    assert sealed.startswith(PLAIN)


def test_the_file_is_sound_and_still_says_what_it_is(opened: Any) -> None:
    assert opened.check_pdf_syntax() == []
    before = pikepdf.open(BytesIO(PLAIN))
    assert opened.Root.Metadata.read_bytes() == before.Root.Metadata.read_bytes()
    assert str(opened.docinfo["/Title"]) == "A report"
    assert {"/Lang", "/MarkInfo", "/StructTreeRoot"} <= set(opened.Root.keys())
    assert "/Encrypt" not in opened.trailer


def test_its_field_keeps_pdf_a_and_pdf_ua(opened: Any) -> None:
    (field,) = opened.Root.AcroForm.Fields
    # ISO 19005-3 6.3.2: printed, and neither hidden nor invisible nor out of view. 6.3.3: no size, no appearance.
    assert int(field.F) & 0b100111 == 0b100
    left, bottom, right, top = map(float, field.Rect)
    assert (right - left, top - bottom) == (0, 0)
    # ISO 14289-1 7.18: outside of the page, with a name that can be read, and the page's fields are walked in order.
    box = [float(each) for each in opened.pages[0].mediabox]
    assert right < box[0] or top < box[1]
    assert str(field.TU) == "Seal"
    assert opened.pages[0].obj.Tabs == "/S"
    # ISO 19005-3 6.4.1: no viewer makes up appearances.
    assert "/NeedAppearances" not in opened.Root.AcroForm
    assert "/XFA" not in opened.Root.AcroForm


def test_an_authority_stamps_the_time_where_the_site_names_one(
    settings: Settings, identity: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = DummyTimeStamper(*papers.keys_of(papers.brought("Authority", bits=2048)))
    asked = []

    async def answer(client: Any, request: Any) -> Any:
        asked.append(client.url)
        return await authority.async_request_tsa_response(request)

    monkeypatch.setattr(requests_client.RequestsHTTPTimeStamper, "async_request_tsa_response", answer)
    settings.TIMESTAMP_URL = "https://tsa.example.org"
    stamped = sealing.sealed(PLAIN, "North", identity)
    assert set(asked) == {"https://tsa.example.org"}
    unsigned = PdfFileReader(BytesIO(stamped)).embedded_signatures[0].signer_info["unsigned_attrs"]
    assert "signature_time_stamp_token" in {each["type"].native for each in unsigned}


def test_the_library_that_fails_with_this_openssl_is_not_imported(sealed: bytes) -> None:
    assert isinstance(sealed, bytes)
    assert "oscrypto" not in sys.modules
