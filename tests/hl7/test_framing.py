"""The Minimal Lower Layer Protocol, fed in any pieces."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.hl7.v2.framing import HEAD, MOST_STRAY, Deframer, NotFramed, TooLong, frame

contents = st.binary(max_size=200).map(lambda data: data.replace(b"\x0b", b"").replace(b"\x1c", b""))


def cut_up(data: bytes, places: list[int]) -> list[bytes]:
    ends = sorted({place % (len(data) + 1) for place in places} | {0, len(data)})
    return [data[start:end] for start, end in pairwise(ends)]


@given(st.lists(contents, max_size=5), st.lists(st.integers(0, 10_000), max_size=12))
def test_messages_come_out_as_they_went_in_however_the_network_cuts_them(
    messages: list[bytes], places: list[int]
) -> None:
    deframer = Deframer(1000)
    pieces = cut_up(b"".join(map(frame, messages)), places)
    assert [each for piece in pieces for each in deframer.feed(piece)] == messages
    assert not deframer.is_within
    assert deframer.begun == len(messages)


@given(st.binary(max_size=3000), st.lists(st.integers(0, 10_000), max_size=8))
def test_nothing_but_its_own_refusals_comes_of_any_bytes(data: bytes, places: list[int]) -> None:
    deframer = Deframer(500)
    try:
        for piece in cut_up(data, places):
            assert all(len(message) <= 500 for message in deframer.feed(piece))
    except (NotFramed, TooLong):
        return


def test_a_message_that_was_cut_is_dropped_when_the_next_begins() -> None:
    deframer = Deframer(100)
    assert list(deframer.feed(b"\x0bMSH|cut" + frame(b"MSH|whole"))) == [b"MSH|whole"]
    assert deframer.cut == 1


def test_an_end_without_its_return_is_one() -> None:
    assert list(Deframer(100).feed(b"\x0bone\x1c\x0btwo\x1c")) == [b"one", b"two"]


def test_a_message_that_is_too_large_is_noticed_before_it_has_come() -> None:
    deframer = Deframer(10_000)
    with pytest.raises(TooLong) as error:
        list(deframer.feed(b"\x0bMSH|" + b"x" * 10_000))
    assert error.value.head.startswith(b"MSH|x")
    assert len(error.value.head) == HEAD


def test_what_speaks_another_protocol_is_noticed() -> None:
    deframer = Deframer(10_000)
    with pytest.raises(NotFramed):
        list(deframer.feed(b"GET / HTTP/1.1\r\n" * MOST_STRAY))


def test_line_ends_between_messages_are_nothing() -> None:
    deframer = Deframer(100)
    assert list(deframer.feed(b"\r\n" * MOST_STRAY + frame(b"one"))) == [b"one"]
