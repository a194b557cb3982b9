"""Reading and writing of bits, against each other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.video.errors import Refused
from apps.video.streams.bits import Bits, Writer
from apps.video.streams.units import ANNEX_B, Framing, escaped, plain


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 2**32 - 2))))
def test_what_was_written_is_read(values: list[tuple[bool, int]]) -> None:
    written = Writer()
    for is_golomb, value in values:
        written.golomb(value) if is_golomb else written.unsigned(value, 32)
    bits = Bits(written.bytes())
    assert [bits.golomb() if is_golomb else bits.unsigned(32) for is_golomb, _ in values] == [
        value for _, value in values
    ]
    assert bits.left < 8


@pytest.mark.parametrize(("code", "value"), [("1", 0), ("010", 1), ("011", -1), ("00100", 2), ("00101", -2)])
def test_signed_numbers_are_those_of_the_standard(code: str, value: int) -> None:
    """H.264 table 9-3."""
    assert Bits(int(code.ljust(8, "0"), 2).to_bytes(1, "big")).signed_golomb() == value


@pytest.mark.parametrize("data", [b"", b"\0" * 3, b"\0" * 9])
def test_numbers_that_break_off_are_refused(data: bytes) -> None:
    with pytest.raises(Refused):
        Bits(data).golomb()


def test_a_number_beyond_what_is_allowed_is_refused() -> None:
    with pytest.raises(Refused):
        Bits(b"\x08\x80").golomb(15)


@given(st.lists(st.sampled_from([0, 0, 0, 1, 2, 3, 4, 255])).map(bytes))
def test_emulation_prevention_is_undone(unit: bytes) -> None:
    written = escaped(unit)
    assert plain(written) == unit
    assert not any(code in written for code in (b"\0\0\0", b"\0\0\1", b"\0\0\2"))


@given(st.lists(st.binary(min_size=1).map(lambda unit: escaped(unit) + b"\x80"), max_size=5))
@pytest.mark.parametrize("framing", [ANNEX_B, Framing(4), Framing(3)])
def test_units_are_found_again(framing: Framing, units: list[bytes]) -> None:
    assert list(framing.units(framing.joined(units))) == units


def test_a_unit_that_is_longer_than_its_packet_is_left_out() -> None:
    assert list(Framing(4).units(b"\0\0\0\2ab\0\0\0\x09cd")) == [b"ab"]
