"""Spans of a file read as if they were one."""

from pathlib import Path
from tempfile import NamedTemporaryFile

from hypothesis import given
from hypothesis import strategies as st

from apps.dicom.spans import SpanFile, part_of

CONTENT = bytes(range(256)) * 4
SPANS = st.lists(st.tuples(st.integers(0, 900), st.integers(0, 120)), max_size=6)


def joined(spans: list[tuple[int, int]]) -> bytes:
    return b"".join(CONTENT[offset : offset + length] for offset, length in spans)


@given(SPANS, st.integers(0, 700), st.integers(1, 300))
def test_any_piece_is_the_same_as_of_the_spans_joined(spans: list[tuple[int, int]], start: int, length: int) -> None:
    with NamedTemporaryFile() as stored:
        stored.write(CONTENT)
        stored.flush()
        with SpanFile(Path(stored.name), spans) as file:
            file.seek(start)
            found = b"".join(iter(lambda: file.read(length) or b"", b""))
    assert found == joined(spans)[start:]
    assert joined(part_of(spans, start, length)) == joined(spans)[start : start + length]
