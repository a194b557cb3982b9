"""What one header may cost: real ones of any size are read, made-up ones are refused before they cost much."""

from struct import pack

import pytest

from apps.dicom.errors import OUT_OF_RESOURCES, Unreadable
from apps.dicom.limits import MIB, Limits
from apps.dicom.reader import Header, read
from tests import dicoms

ITEM = 0xE000FFFE


def element(tag: int, value: bytes) -> bytes:
    """An element in Implicit VR; the tag is written group first, as 0x0008_0060."""
    return pack("<HHI", tag >> 16, tag & 0xFFFF, len(value)) + value


def with_items(*items: bytes) -> bytes:
    """A bare data set with a sequence of these items at its end."""
    value = b"".join(pack("<II", ITEM, len(item)) + item for item in items)
    return dicoms.bare(dicoms.ct_dataset(PixelData=None)) + element(0x3006_0039, value)


def refused(data: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(Unreadable) as error:
        read(data, limits or Limits())
    assert error.value.failure_reason == OUT_OF_RESOURCES
    return error.value.reason


def contour(points: int) -> bytes:
    """Contour Data (3006,0050): three coordinates of 7 characters for each point."""
    return element(0x3006_0050, b"\\".join(b"%7.2f" % (-123.45 + point % 40) for point in range(3 * points)) + b" ")


def test_a_structure_set_of_16_mib_is_read() -> None:
    data = with_items(*[contour(1000)] * 700)
    assert len(data) > 16 * MIB
    header: Header = read(data)
    assert sum(len(item["30060050"]["Value"]) for item in header.attributes["30060039"]["Value"]) == 2_100_000


def test_ten_thousand_frames_with_their_functional_groups_are_read() -> None:
    groups = element(0x0020_9113, pack("<II", ITEM, 30) + element(0x0020_0032, b"1.0\\2.0\\3.0\\4.0\\5.0\\6"))
    header = read(with_items(*[groups] * 10_000))
    assert len(header.attributes["30060039"]["Value"]) == 10_000


@pytest.mark.parametrize(
    "value",
    [
        element(0x3006_0050, b"1\\" * 400_000),
        element(0x0018_1310, b"12" * 400_000),
        element(0x0008_1030, b"ab\\" * 300_000),
        element(0x0010_0010, b"a=b\\" * 200_000),
    ],
    ids=["decimals", "integers", "texts", "names"],
)
def test_values_are_bounded(value: bytes) -> None:
    assert refused(with_items(*[value] * 30)) == "The header has more values than the server takes."


def test_values_of_small_elements_are_counted_too() -> None:
    limits = Limits(values=200_000)
    assert "values" in refused(with_items(*[element(0x3006_0050, b"1\\2\\3\\4\\5\\6\\7\\8 ")] * 65_000), limits)


def test_escape_sequences_are_bounded() -> None:
    text = element(0x0008_1030, b"\x1b$B01\x1b(B " * 100_000)
    data = element(0x0008_0005, b"\\ISO 2022 IR 87 ") + with_items(*[text] * 3)
    assert "values" in refused(data)


def test_bulk_values_count_several_times() -> None:
    waveform = pack("<HH2sHI", 0x5400, 0x1010, b"OB", 0, 2) + b"ab"
    items = b"".join(pack("<II", ITEM, len(waveform)) + waveform for _ in range(200))
    sequence = pack("<HH2sHI", 0x5400, 0x0100, b"SQ", 0, len(items)) + items
    whole = dicoms.ct_slice(PixelData=None) + sequence
    assert len(read(whole).bulk) == 200
    assert "elements" in refused(whole, Limits(elements=1500))


def test_elements_out_of_order_count_several_times() -> None:
    again = element(0x0008_0060, b"CT") * 100
    assert "elements" in refused(dicoms.bare(dicoms.ct_dataset(PixelData=None)) + again, Limits(elements=300))


def test_decimals_in_long_lists_are_what_they_are_alone() -> None:
    texts = [
        "1",
        " -2.50 ",
        "+3.",
        ".5",
        "1e-5",
        "1234567890123456",
        "9007199254740993",
        "x",
        "nan",
        "1_0",
        "",
        "1.5\0",
    ]
    alone = [_decimals(text)[0] for text in texts]
    assert _decimals("\\".join(texts * 4)) == alone * 4


def _decimals(text: str) -> list[object]:
    """The values of Contour Data; [None] for none."""
    value = text.encode() + b" " * (len(text) % 2)
    found: list[object] = (
        read(with_items(element(0x3006_0050, value)))
        .attributes["30060039"]["Value"][0]["30060050"]
        .get("Value", [None])
    )
    return found
