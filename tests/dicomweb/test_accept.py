"""Content negotiation: what real clients send, the standard's rules, and that no header can break it."""

import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from apps.dicomweb.accept import (
    MAX_RANGES,
    MediaRange,
    Offer,
    accepted,
    accepts_gzip,
    choose,
    media_ranges,
)

JSON = Offer("application/dicom+json")
XML = Offer("multipart/related", "application/dicom+xml")
OCTETS = Offer("multipart/related", "application/octet-stream", "1.2.840.10008.1.2.1")
JLS = Offer("multipart/related", "image/jls", "1.2.840.10008.1.2.4.80")


def from_request(header: str | None = None, query: str = "") -> tuple[MediaRange, ...]:
    headers = {} if header is None else {"Accept": header}
    return accepted(RequestFactory().get(f"/dicom-web/studies{query}", headers=headers))


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ('multipart/related; type="*/*"', MediaRange("multipart/related", "*/*")),
        (
            'multipart/related; type="application/octet-stream"; transfer-syntax=*',
            MediaRange("multipart/related", "application/octet-stream", "*"),
        ),
        (
            "multipart/related; type=application/octet-stream; transfer-syntax=*",
            MediaRange("multipart/related", "application/octet-stream", "*"),
        ),
        (
            'Multipart/Related ; TYPE = "Application/DICOM" ; Transfer-Syntax = "1.2.840.10008.1.2.4.90"',
            MediaRange("multipart/related", "application/dicom", "1.2.840.10008.1.2.4.90"),
        ),
        (
            'multipart/related; type="image/jls; transfer-syntax=1.2.840.10008.1.2.4.80"',
            MediaRange("multipart/related", "image/jls", "1.2.840.10008.1.2.4.80"),
        ),
        (
            "application/dicom+json;charset=utf-8;q=0.5",
            MediaRange("application/dicom+json", quality=0.5, parameters=(("charset", "utf-8"),)),
        ),
        ("application/dicom; transfer-syntax=*", MediaRange("application/dicom", "", "*")),
    ],
)
def test_headers_of_real_clients_are_understood(header: str, expected: MediaRange) -> None:
    assert media_ranges(header) == (expected,)


def test_a_list_keeps_its_order_among_equals() -> None:
    ranges = media_ranges("application/dicom+json, application/json")
    assert [one.type for one in ranges] == ["application/dicom+json", "application/json"]


def test_a_comma_within_quotes_does_not_split_a_range() -> None:
    (only,) = media_ranges('application/json; profile="a,b;c"')
    assert only.parameters == (("profile", "a,b;c"),)


@pytest.mark.parametrize("header", [None, "", "  "])
def test_no_accept_header_accepts_anything(header: str | None) -> None:
    assert from_request(header) == (MediaRange("*/*"),)


def test_the_accept_parameter_overrides_the_header() -> None:
    ranges = from_request('multipart/related; type="application/octet-stream"', "?accept=image/jpeg")
    assert ranges == (MediaRange("image/jpeg"),)


@pytest.mark.parametrize(
    "written", ["application/dicom+json", "application/dicom%2Bjson", "application%2Fdicom%2bjson"]
)
def test_a_plus_sign_in_the_accept_parameter_survives(written: str) -> None:
    assert [one.type for one in from_request("*/*", f"?limit=1&accept={written}")] == ["application/dicom+json"]


def test_several_accept_parameters_and_lists_are_one_list() -> None:
    ranges = from_request(None, "?accept=image/png;q=0.5,image/gif%3Bq=0.1&accept=image/jpeg")
    assert [one.type for one in ranges] == ["image/jpeg", "image/png", "image/gif"]


def test_the_first_range_that_can_be_satisfied_wins() -> None:
    ranges = media_ranges('multipart/related; type="image/jls", multipart/related; type="application/octet-stream"')
    assert choose(ranges, [OCTETS, JLS]) == JLS
    assert choose(ranges, [OCTETS]) == OCTETS


def test_weights_come_before_the_order() -> None:
    ranges = media_ranges('application/dicom+json;q=0.3, multipart/related; type="application/dicom+xml"')
    assert choose(ranges, [JSON, XML]) == XML


def test_a_wildcard_leaves_the_choice_to_the_server() -> None:
    assert choose(media_ranges("*/*"), [OCTETS, JLS]) == OCTETS
    assert choose(media_ranges('multipart/related; type="image/*"'), [OCTETS, JLS]) == JLS


def test_a_named_type_is_preferred_to_a_wildcard_of_the_same_weight() -> None:
    ranges = media_ranges("*/*, application/dicom+json")
    assert choose(ranges, [XML, JSON]) == JSON


def test_an_unknown_type_beside_a_known_one_does_no_harm() -> None:
    assert choose(media_ranges("image/avif, nonsense, application/dicom+json"), [JSON]) == JSON


def test_nothing_in_common_is_no_offer() -> None:
    assert choose(media_ranges("text/html"), [JSON, XML]) is None
    assert choose(media_ranges("nonsense"), [JSON]) is None


def test_a_transfer_syntax_must_be_the_offers_own() -> None:
    wrong = media_ranges("multipart/related; type=image/jls; transfer-syntax=1.2.840.10008.1.2.4.81")
    assert choose(wrong, [JLS]) is None
    assert choose(media_ranges("multipart/related; type=image/jls; transfer-syntax=*"), [JLS]) == JLS


def test_weight_zero_refuses_even_what_a_wildcard_allows() -> None:
    assert choose(media_ranges("*/*, application/dicom+json;q=0"), [JSON, XML]) == XML
    assert choose(media_ranges("application/dicom+json, */*;q=0"), [XML, JSON]) == JSON


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", False),
        ("gzip", True),
        ("deflate, GZIP;q=0.8", True),
        ("gzip;q=0", False),
        ("identity", False),
        ("*", True),
        ("*;q=0", False),
        ("br, x-gzip", True),
    ],
)
def test_gzip_is_sent_to_those_who_accept_it(header: str, expected: bool) -> None:
    assert accepts_gzip(header) is expected


@given(st.text(max_size=200) | st.text(alphabet='ab/*+;,="\\ q.01', max_size=200))
def test_no_header_breaks_the_parser(text: str) -> None:
    ranges = media_ranges(text)
    assert all(0 <= one.quality <= 1 and "/" in one.type for one in ranges)
    assert [one.quality for one in ranges] == sorted((one.quality for one in ranges), reverse=True)
    accepts_gzip(text)
    choose(ranges, [JSON, XML, JLS])


def test_a_list_without_end_is_cut() -> None:
    assert len(media_ranges("a/b," * 2000)) == MAX_RANGES


NAMES = st.sampled_from(
    ["application/dicom", "application/dicom+json", "image/jpeg", "multipart/related", "*/*", "image/*"]
)
PARTS = st.sampled_from(["", "*/*", "application/dicom", "application/octet-stream", "image/jls"])
SYNTAXES = st.sampled_from(["", "*", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.4.80"])
RANGES = st.builds(
    lambda name, part, syntax, quality: MediaRange(
        name, part if name == "multipart/related" else "", syntax, quality / 1000
    ),
    NAMES,
    PARTS,
    SYNTAXES,
    st.integers(0, 1000),
)


def written(one: MediaRange, *, quoted: bool) -> str:
    mark = '"' if quoted else ""
    text = one.type + (f"; type={mark}{one.part_type}{mark}" if one.part_type else "")
    text += f"; transfer-syntax={mark}{one.transfer_syntax}{mark}" if one.transfer_syntax else ""
    return f"{text}; q={one.quality:.3f}"


@given(st.lists(RANGES, min_size=1, max_size=6), st.booleans(), st.sampled_from([",", " , ", ",,"]))
def test_what_is_written_is_read(ranges: list[MediaRange], quoted: bool, comma: str) -> None:
    text = comma.join(written(one, quoted=quoted) for one in ranges)
    assert sorted(map(repr, media_ranges(text))) == sorted(map(repr, ranges))


@given(st.lists(RANGES, max_size=6), st.permutations([JSON, XML, OCTETS, JLS]))
def test_only_what_is_accepted_is_chosen(ranges: list[MediaRange], offers: list[Offer]) -> None:
    chosen = choose(ranges, offers)
    accepting = [offer for offer in offers if any(one.quality and one.accepts(offer) for one in ranges)]
    assert chosen is None or chosen in accepting
    if accepting and all(one.quality for one in ranges):
        assert chosen is not None
