"""The reader on objects as they come: encodings, values, character sets, and what writers get wrong."""

import tracemalloc
import zlib
from base64 import b64decode
from mmap import mmap
from pathlib import Path
from struct import pack
from typing import Any

import pytest

from apps.dicom.errors import OUT_OF_RESOURCES, Truncated, Unreadable
from apps.dicom.limits import Limits
from apps.dicom.reader import Header, read
from tests import dicoms

UNDEFINED = 0xFFFFFFFF
ITEM, ITEM_END, SEQUENCE_END = (0xFFFE, 0xE000), (0xFFFE, 0xE00D), (0xFFFE, 0xE0DD)


def explicit(group: int, element: int, vr: str, value: bytes, length: int | None = None) -> bytes:
    """Return one element in Explicit VR Little Endian, perhaps with a length that isn't its value's."""
    size = len(value) if length is None else length
    if vr in ("OB", "OW", "SQ", "UN", "UT", "OF", "OD", "OL", "OV", "SV", "UV", "UC", "UR"):
        return pack("<HH2sHI", group, element, vr.encode(), 0, size) + value
    return pack("<HH2sH", group, element, vr.encode("latin-1"), size) + value


def implicit(group: int, element: int, value: bytes, length: int | None = None) -> bytes:
    return pack("<HHI", group, element, len(value) if length is None else length) + value


def item(value: bytes, length: int | None = None) -> bytes:
    return implicit(*ITEM, value, length)


def file(*elements: bytes, syntax: str = "1.2.840.10008.1.2.1") -> bytes:
    """Return a Part 10 file around the given elements."""
    uid = syntax.encode() + b"\0" * (len(syntax) % 2)
    meta = explicit(2, 2, "UI", b"1.2.3\0") + explicit(2, 3, "UI", b"1.2.3.4\0") + explicit(2, 0x10, "UI", uid)
    return dicoms.PREAMBLE + b"DICM" + explicit(2, 0, "UL", pack("<I", len(meta))) + meta + b"".join(elements)


def deflated(data: bytes) -> bytes:
    deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return deflater.compress(data) + deflater.flush()


def value_of(vr: str, raw: bytes, charset: bytes = b"") -> dict[str, Any]:
    """Return the JSON of an element of a private group, read as it stands in a file."""
    declared = explicit(8, 5, "CS", charset) if charset else b""
    header = read(file(declared, explicit(0x0011, 0x0010, "LO", b"TEST"), explicit(0x0011, 0x1001, vr, raw)))
    return header.attributes["00111001"]


def names_of(raw: bytes, charset: bytes) -> Any:
    return value_of("PN", raw + b" " * (len(raw) % 2), charset)["Value"]


class TestEncodings:
    @pytest.mark.parametrize("syntax", dicoms.NATIVE_SYNTAXES)
    def test_every_native_syntax_reads_alike(self, syntax: str) -> None:
        header = read(dicoms.ct_slice(transfer_syntax=syntax))
        assert header.transfer_syntax_uid == syntax
        assert header.attributes == read(dicoms.ct_slice()).attributes
        assert header.warnings == ()

    @pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
    def test_any_buffer_will_do(self, kind: Any) -> None:
        assert read(kind(dicoms.ct_slice())) == read(dicoms.ct_slice())

    def test_a_mapped_file_will_do(self, tmp_path: Path) -> None:
        path = tmp_path / "ct.dcm"
        path.write_bytes(dicoms.ct_slice())
        with path.open("r+b") as file, mmap(file.fileno(), 0) as mapped:
            assert read(mapped) == read(dicoms.ct_slice())

    def test_bare_data_set_is_read_without_a_head(self) -> None:
        header = read(dicoms.bare(dicoms.ct_dataset()))
        assert not header.has_meta
        assert header.dataset_offset == 0
        assert header.transfer_syntax_uid == "1.2.840.10008.1.2"
        assert header.attributes == read(dicoms.ct_slice()).attributes

    def test_data_set_in_another_encoding_than_declared(self) -> None:
        header = read(file(implicit(8, 0x60, b"CT"), implicit(0x10, 0x20, b"P1")))
        assert header.text("00100020") == "P1"
        assert "a data set that is not in its transfer syntax" in header.warnings

    def test_dicm_within_a_bare_data_set_is_text(self) -> None:
        element = explicit(8, 0x70, "LO", b"x" * 120 + b"DICM")
        assert read(element).text("00080070").endswith("DICM")

    def test_deflated_data_set_is_kept_inflated(self) -> None:
        header = read(dicoms.ct_slice(transfer_syntax="1.2.840.10008.1.2.1.99"))
        assert header.inflated is not None
        assert header.pixel_data is not None
        plain = read(dicoms.ct_slice())
        assert plain.pixel_data is not None
        assert header.pixel_data.offset == plain.pixel_data.offset - plain.dataset_offset


class TestValues:
    @pytest.mark.parametrize(
        ("vr", "raw", "expected"),
        [
            ("DS", b"1.50\\ 2 ", [1.5, 2.0]),
            ("DS", b"\\3", [None, 3.0]),
            ("DS", b"9999999999999999", ["9999999999999999"]),
            ("DS", b"1e999 ", ["1e999"]),
            ("DS", b"1_0 ", ["1_0"]),
            ("DS", b"12,5", ["12,5"]),
            ("DS", b"12\0\0", [12.0]),
            ("DS", b"0.33333333333333331 ", [0.3333333333333333]),
            ("IS", b"+7 ", [7]),
            ("IS", b"2.0 ", [2]),
            ("IS", b"2.5 ", ["2.5"]),
            ("IS", b"9007199254740993", ["9007199254740993"]),
            ("US", b"\xff\xff\x01\x00", [65535, 1]),
            ("SS", b"\xff\xff", [-1]),
            ("SV", pack("<q", -(2**60)), [str(-(2**60))]),
            ("UV", pack("<Q", 2**53), [2**53]),
            ("FD", pack("<3d", float("nan"), float("inf"), float("-inf")), ["NaN", "Infinity", "-Infinity"]),
            ("FL", pack("<f", 0.5), [0.5]),
            ("AT", pack("<HH", 0x7FE0, 0x10), ["7FE00010"]),
            ("CS", b"A\\\\B ", ["A", None, "B"]),
            ("UI", b"1.2.3\0", ["1.2.3"]),
            ("LO", b" padded ", ["padded"]),
            ("LT", b" one\\two  ", [" one\\two"]),
            ("UC", b"a\\b ", ["a", "b"]),
            ("UR", b"http://x/a\\b ", ["http://x/a\\b"]),
            ("PN", b"Doe^Jane=\\", [{"Alphabetic": "Doe^Jane"}, None]),
            ("DA", b"2004.01.19", ["2004.01.19"]),
            ("SH", b"A\0B\0", ["AB"]),
        ],
    )
    def test_value(self, vr: str, raw: bytes, expected: list[Any]) -> None:
        assert value_of(vr, raw) == {"vr": vr, "Value": expected}

    @pytest.mark.parametrize("vr", ["CS", "DS", "IS", "PN", "LT", "US", "FD", "AT", "OB", "UN", "SQ", "UI"])
    def test_nothing_has_no_value(self, vr: str) -> None:
        assert value_of(vr, b"") == {"vr": vr}

    def test_number_of_a_wrong_length_stays_as_bytes(self) -> None:
        element = value_of("US", b"\1\2\3\4\5\6\7")
        assert element["vr"] == "UN"
        assert b64decode(element["InlineBinary"]) == b"\1\2\3\4\5\6\7"

    def test_words_of_a_big_endian_object_come_in_little_endian(self) -> None:
        declared = pack(">HH2sHI", 8, 0x9999, b"OW", 0, 4) + b"\1\2\3\4"
        header = read(file(declared, syntax="1.2.840.10008.1.2.2"))
        assert b64decode(header.attributes["00089999"]["InlineBinary"]) == b"\2\1\4\3"

    def test_large_bytes_become_bulk_data(self) -> None:
        data = file(explicit(0x42, 0x11, "OB", b"x" * 2000))
        header = read(data)
        assert header.attributes["00420011"] == {"vr": "OB", "BulkDataURI": "00420011"}
        value = header.bulk["00420011"]
        assert value.length == 2000
        assert data[value.offset : value.offset + 2000] == b"x" * 2000

    def test_bulk_data_is_found_within_sequences(self) -> None:
        waveform = item(explicit(0x5400, 0x1010, "OW", b"y" * 1026))
        data = file(explicit(0x5400, 0x100, "SQ", item(b"") + waveform))
        header = read(data)
        header.resolve_bulk("https://archive/bulk")
        nested = header.attributes["54000100"]["Value"][1]["54001010"]
        assert nested == {"vr": "OW", "BulkDataURI": "https://archive/bulk/54000100.2.54001010"}
        offset = header.bulk["54000100.2.54001010"].offset
        assert data[offset : offset + 1026] == b"y" * 1026

    def test_pixel_data_is_bulk_data_however_small(self) -> None:
        assert read(dicoms.ct_slice(Rows=1, Columns=1)).attributes["7FE00010"]["BulkDataURI"] == "7FE00010"

    def test_signed_by_a_pixel_representation_that_comes_later(self) -> None:
        elements = [
            implicit(0x18, 0x9810, b"\xff\xff"),
            implicit(0x28, 0x103, b"\1\0"),
            implicit(0x28, 0x106, b"\xfe\xff"),
        ]
        header = read(file(*elements, syntax="1.2.840.10008.1.2"))
        assert header.attributes["00189810"] == {"vr": "SS", "Value": [-1]}
        assert header.attributes["00280106"] == {"vr": "SS", "Value": [-2]}

    def test_group_lengths_are_left_out(self) -> None:
        header = read(file(explicit(8, 0, "UL", b"\4\0\0\0"), explicit(8, 0x60, "CS", b"CT")))
        assert list(header.attributes) == ["00080016", "00080018", "00080060"]

    def test_text_gives_the_first_value(self) -> None:
        header = read(dicoms.ct_slice())
        texts = [header.text(tag) for tag in ("00080008", "00100010", "00280030", "00280010")]
        assert texts == ["ORIGINAL", "Doe^Jane", "1", "64"]
        assert header.text("00204000", "none") == "none"


class TestCharacterSets:
    @pytest.mark.parametrize(
        ("charset", "raw", "expected"),
        [
            (b"ISO_IR 100", b"Buc^J\xe9r\xf4me", {"Alphabetic": "Buc^Jérôme"}),
            (b"ISO_IR 192", "Wang^小东".encode(), {"Alphabetic": "Wang^小东"}),
            (b"GB18030", "张^晓=x".encode("gb18030"), {"Alphabetic": "张^晓", "Ideographic": "x"}),
            (b"ISO_IR 166", "ไทย".encode("tis-620"), {"Alphabetic": "ไทย"}),
            (b"iso-ir-144", "Люк".encode("iso8859_5"), {"Alphabetic": "Люк"}),
            (
                b"\\ISO 2022 IR 87",
                b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B",
                {"Alphabetic": "Yamada^Tarou", "Ideographic": "山田^太郎"},
            ),
            (
                b"\\ISO 2022 IR 149",
                b"Hong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7",
                {"Alphabetic": "Hong", "Ideographic": "洪^吉洞"},
            ),
        ],
    )
    def test_name(self, charset: bytes, raw: bytes, expected: dict[str, str]) -> None:
        assert names_of(raw, charset + b" " * (len(charset) % 2)) == [expected]

    def test_backslash_within_a_character_of_two_bytes_separates_nothing(self) -> None:
        text = "乗"
        assert text.encode("gbk")[1:] == b"\\"
        assert names_of(text.encode("gbk"), b"GBK ") == [{"Alphabetic": text}]

    def test_json_is_in_utf_8(self) -> None:
        header = read(file(explicit(8, 5, "CS", b"ISO_IR 100"), explicit(0x10, 0x10, "PN", b"J\xe9r\xf4")))
        assert header.attributes["00080005"]["Value"] == ["ISO_IR 192"]

    def test_items_may_have_their_own_and_otherwise_inherit(self) -> None:
        russian = explicit(8, 5, "CS", b"ISO_IR 144") + explicit(0x10, 0x10, "PN", "Люк ".encode("iso8859_5"))
        plain = explicit(0x10, 0x10, "PN", b"J\xe9r\xf4")
        header = read(
            file(
                explicit(8, 5, "CS", b"ISO_IR 100"),
                explicit(8, 0x1140, "SQ", item(russian) + item(plain)),
                explicit(0x10, 0x10, "PN", b"J\xe9r\xf4"),
            )
        )
        items = header.attributes["00081140"]["Value"]
        assert [entry["00100010"]["Value"][0]["Alphabetic"] for entry in items] == ["Люк", "Jérô"]
        assert header.text("00100010") == "Jérô"

    def test_undeclared_text_is_taken_for_utf_8_and_declared(self) -> None:
        header = read(file(explicit(0x10, 0x10, "PN", "Jé ".encode())))
        assert header.text("00100010") == "Jé"
        assert header.attributes["00080005"]["Value"] == ["ISO_IR 192"]
        assert header.warnings[0] == "text outside the default repertoire without a Specific Character Set"

    @pytest.mark.parametrize("charset", [b"ISO_IR 999", b"KLINGON "])
    def test_unknown_character_set_is_tolerated(self, charset: bytes) -> None:
        assert names_of(b"J\xe9r\xf4", charset) == [{"Alphabetic": "Jérô"}]

    def test_bytes_that_do_not_fit_are_replaced(self) -> None:
        header = read(file(explicit(8, 5, "CS", b"ISO_IR 192"), explicit(0x10, 0x10, "PN", b"J\xe9r\xf4")))
        assert header.text("00100010") == "J\ufffdr\ufffd"
        assert "text that does not fit the Specific Character Set" in header.warnings


class TestSequences:
    @pytest.mark.parametrize("is_open", [True, False])
    def test_items_and_sequences_of_any_length(self, is_open: bool) -> None:
        inner = explicit(8, 0x1150, "UI", b"1.2\0")
        end = implicit(*ITEM_END, b"")
        items = item(inner + end, UNDEFINED) + item(inner) + item(end, UNDEFINED)
        length = UNDEFINED if is_open else None
        closing = implicit(*SEQUENCE_END, b"") if is_open else b""
        header = read(file(explicit(8, 0x1140, "SQ", items, length) + closing + explicit(8, 0x60, "CS", b"CT")))
        expected = {"00081150": {"vr": "UI", "Value": ["1.2"]}}
        assert header.attributes["00081140"] == {"vr": "SQ", "Value": [expected, expected, {}]}

    def test_unknown_of_undefined_length_is_a_sequence_in_implicit_vr(self) -> None:
        items = item(implicit(8, 0x1150, b"1.2\0")) + implicit(*SEQUENCE_END, b"")
        header = read(file(explicit(0x11, 0x1001, "UN", items, UNDEFINED)))
        assert header.attributes["00111001"]["Value"] == [{"00081150": {"vr": "UI", "Value": ["1.2"]}}]

    def test_unknown_of_a_known_tag_gets_its_vr(self) -> None:
        items = item(implicit(8, 0x1150, b"1.2\0"))
        header = read(file(explicit(8, 0x60, "UN", b"CT"), explicit(8, 0x1140, "UN", items)))
        assert header.attributes["00080060"] == {"vr": "CS", "Value": ["CT"]}
        assert header.attributes["00081140"]["vr"] == "SQ"

    def test_unknown_that_is_no_sequence_after_all_stays_as_bytes(self) -> None:
        header = read(file(explicit(8, 0x1140, "UN", b"no items")))
        assert b64decode(header.attributes["00081140"]["InlineBinary"]) == b"no items"

    def test_item_longer_than_its_sequence_ends_with_it(self) -> None:
        inner = explicit(8, 0x1150, "UI", b"1.2\0")
        header = read(file(explicit(8, 0x1140, "SQ", item(inner, len(inner) + 24))))
        assert header.attributes["00081140"]["Value"][0]["00081150"]["Value"] == ["1.2"]


class TestWhatWritersGetWrong:
    def test_sop_uids_only_in_the_file_meta_information(self) -> None:
        header = read(file(explicit(8, 0x60, "CS", b"CT")))
        assert (header.text("00080016"), header.text("00080018")) == ("1.2.3", "1.2.3.4")

    def test_elements_out_of_order_come_in_order(self) -> None:
        header = read(file(explicit(0x10, 0x20, "LO", b"P1"), explicit(8, 0x60, "CS", b"CT")))
        assert list(header.attributes) == ["00080016", "00080018", "00080060", "00100020"]
        assert "elements out of order" in header.warnings

    def test_of_an_element_given_twice_the_last_counts(self) -> None:
        header = read(file(explicit(0x72, 0x65, "OB", b"x" * 2000), explicit(0x72, 0x65, "OB", b"small!")))
        assert b64decode(header.attributes["00720065"]["InlineBinary"]) == b"small!"
        assert header.bulk == {}

    def test_bytes_that_are_no_vr_are_the_length_of_an_implicit_element(self) -> None:
        bad = implicit(8, 0x60, b"CT")
        header = read(file(explicit(8, 0x16, "UI", b"1.2\0"), bad, explicit(0x10, 0x20, "LO", b"P1")))
        assert (header.text("00080060"), header.text("00100020")) == ("CT", "P1")

    def test_letters_that_are_no_vr_are_taken_for_a_short_one(self) -> None:
        header = read(file(explicit(8, 0x60, "XX", b"CT"), explicit(0x10, 0x20, "LO", b"P1")))
        assert (header.text("00080060"), header.text("00100020")) == ("CT", "P1")
        assert "an element with an invalid VR" in header.warnings

    def test_vr_to_come_has_a_long_length(self) -> None:
        future = pack("<HH2sHI", 0x11, 0x1001, b"ZZ", 0, 4) + b"abcd"
        header = read(file(explicit(8, 0x60, "CS", b"CT"), future, explicit(0x10, 0x20, "LO", b"P1")))
        assert b64decode(header.attributes["00111001"]["InlineBinary"]) == b"abcd"
        assert header.text("00100020") == "P1"

    def test_transfer_syntax_missing_is_found_by_the_look(self) -> None:
        data = dicoms.PREAMBLE + b"DICM" + explicit(8, 0x60, "CS", b"CT")
        header = read(data)
        assert (header.transfer_syntax_uid, header.has_meta) == ("1.2.840.10008.1.2.1", False)

    def test_wrong_group_length_of_the_file_meta_information(self) -> None:
        data = bytearray(dicoms.ct_slice())
        data[140:144] = pack("<I", 20)
        assert read(data).attributes == read(dicoms.ct_slice()).attributes

    @pytest.mark.parametrize("garbage", [b"\xff\x00garbage", b"\0" * 512, b"\x01"])
    def test_bytes_after_the_pixel_data_are_ignored(self, garbage: bytes) -> None:
        header = read(dicoms.ct_slice() + garbage)
        assert header.attributes == read(dicoms.ct_slice()).attributes
        assert "bytes after the end of the data set" in header.warnings

    def test_zeros_after_a_data_set_without_pixels_are_ignored(self) -> None:
        data = file(explicit(8, 0x60, "CS", b"SR"))
        assert read(data + b"\0" * 100).attributes == read(data).attributes

    def test_pixel_data_that_claims_too_much_but_has_enough(self) -> None:
        data = dicoms.ct_slice(PixelData=None) + explicit(0x7FE0, 0x10, "OW", b"x" * 8192, 0xFFFFFFFE)
        pixels = read(data).pixel_data
        assert pixels is not None
        assert pixels.length == 8192


class TestBounds:
    @pytest.mark.parametrize(
        "data",
        [b"", b"x", b"\0" * 5000, b"GIF89a" * 100, b"%PDF-1.4\n" * 50, dicoms.PREAMBLE + b"DICM", b"\x08\0" * 40],
    )
    def test_what_is_no_dicom_is_refused_with_a_reason(self, data: bytes) -> None:
        with pytest.raises(Unreadable) as refused:
            read(data)
        assert refused.value.reason.endswith(".")
        assert refused.value.failure_reason == 0xC000

    @pytest.mark.parametrize("missing", [1, 7, 100, 8000, 8191, 8192])
    def test_missing_pixels_are_noticed(self, missing: int) -> None:
        with pytest.raises(Truncated):
            read(dicoms.ct_slice()[:-missing])

    def test_image_that_claims_to_be_huge_is_cut_off(self) -> None:
        with pytest.raises(Truncated):
            read(dicoms.ct_slice(Rows=65535, Columns=65535, PixelData=b"\0\0"))

    @pytest.mark.parametrize("length", [100, 0xFFFFFFFE])
    def test_length_beyond_the_file(self, length: int) -> None:
        with pytest.raises(Truncated, match="00420011"):
            read(file(explicit(0x42, 0x11, "OB", b"x", length)))

    def test_sequence_without_its_end(self) -> None:
        with pytest.raises(Truncated):
            read(file(explicit(8, 0x1140, "SQ", item(explicit(8, 0x60, "CS", b"CT"), UNDEFINED), UNDEFINED)))

    def test_nesting_is_bounded(self) -> None:
        value = b""
        for _ in range(200):
            value = explicit(8, 0x1140, "SQ", item(value))
        with pytest.raises(Unreadable, match="nested more than 32") as refused:
            read(file(value))
        assert refused.value.failure_reason == OUT_OF_RESOURCES

    def test_open_nesting_is_bounded(self) -> None:
        opened = explicit(8, 0x1140, "SQ", item(b"", UNDEFINED), UNDEFINED)
        with pytest.raises(Unreadable, match="nested more than 32"):
            read(file(opened * 5000))

    def test_elements_are_bounded(self) -> None:
        with pytest.raises(Unreadable, match="more than 100 elements"):
            read(file(*(explicit(0x11, 0x1000 + n, "LO", b"") for n in range(200))), Limits(elements=100))

    @pytest.mark.parametrize(
        "useless", [explicit(8, 0, "UL", b""), implicit(*ITEM_END, b""), explicit(8, 5, "CS", b"")]
    )
    def test_elements_that_leave_no_trace_are_bounded(self, useless: bytes) -> None:
        with pytest.raises(Unreadable, match="more than 100 elements"):
            read(file(useless * 200), Limits(elements=100))

    def test_character_sets_are_bounded(self) -> None:
        items = (item(explicit(8, 5, "CS", b"ISO_IR %03d" % number)) for number in range(100))
        with pytest.raises(Unreadable, match="more than 16 character sets"):
            read(file(explicit(8, 0x1140, "SQ", b"".join(items))))

    def test_items_are_bounded(self) -> None:
        with pytest.raises(Unreadable, match="more than 100 elements"):
            read(file(explicit(8, 0x1140, "SQ", item(b"") * 200)), Limits(elements=100))

    def test_header_is_bounded_but_bulk_data_is_not_part_of_it(self) -> None:
        limits = Limits(header_bytes=50_000)
        assert read(file(explicit(0x42, 0x11, "OB", b"x" * 100_000)), limits).bulk
        with pytest.raises(Unreadable, match="larger than 50000 bytes"):
            read(file(*(explicit(0x11, 0x1000 + n, "LT", b"x" * 60_000) for n in range(40))), limits)

    def test_inflation_is_bounded(self) -> None:
        data = dicoms.ct_slice(transfer_syntax="1.2.840.10008.1.2.1.99", Rows=512, Columns=512)
        with pytest.raises(Unreadable, match="grows beyond 100000 bytes"):
            read(data, Limits(inflated_bytes=100_000))

    def test_inflation_beyond_the_bound_takes_no_memory(self) -> None:
        bomb = deflated(b"\0" * 50_000_000)
        tracemalloc.start()
        with pytest.raises(Unreadable, match="grows beyond 40000000 bytes"):
            read(file(bomb, syntax="1.2.840.10008.1.2.1.99"), Limits(inflated_bytes=40_000_000))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 20_000_000

    def test_deflation_with_the_head_of_zlib(self) -> None:
        elements = explicit(8, 0x60, "CS", b"CT")
        data = file(zlib.compress(elements), syntax="1.2.840.10008.1.2.1.99")
        assert read(data).inflated == elements

    @pytest.mark.parametrize("size", [2**20 - 20, 2**20, 2**21, 2**21 + 1, 5_000_000])
    def test_inflation_of_any_size(self, size: int) -> None:
        elements = explicit(0x42, 0x11, "OB", b"x" * size)
        assert read(file(deflated(elements), syntax="1.2.840.10008.1.2.1.99")).inflated == elements

    @pytest.mark.parametrize("damage", [slice(-200, None), slice(400, 420)])
    def test_broken_deflation(self, damage: slice) -> None:
        data = bytearray(dicoms.ct_slice(transfer_syntax="1.2.840.10008.1.2.1.99"))
        del data[damage]
        with pytest.raises(Unreadable):
            read(data)

    def test_long_text_becomes_bulk_data(self) -> None:
        header = read(file(explicit(0x40, 0xA160, "UT", b"x" * 5000)), Limits(value_bytes=4096))
        assert header.attributes["0040A160"] == {"vr": "UT", "BulkDataURI": "0040A160"}


def test_objects_without_pixels_have_none() -> None:
    assert read(dicoms.encapsulated_pdf()).pixel_data is None


def test_reading_copies_no_pixels() -> None:
    header: Header = read(dicoms.ct_slice())
    assert header.pixel_data is not None
    assert (header.pixel_data.vr, header.pixel_data.length, header.pixel_data.swap) == ("OW", 8192, 1)
