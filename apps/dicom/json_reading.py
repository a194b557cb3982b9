"""Taking an array in the DICOM JSON model apart (PS3.18 F.2), so that its data sets need not be in memory at once."""

import re
from collections.abc import Iterator
from typing import Any, Final

import orjson

from apps.dicom.errors import LimitExceeded, Unreadable
from apps.dicom.source import Source
from apps.saying import say

MAX_DATA_SETS: Final = 100_000
# The largest data set, and how many brackets, strings and commas it may have: they tell what it takes in memory.
MAX_BYTES: Final = 32 * 1024 * 1024
MAX_TOKENS: Final = 2_000_000
# An unfinished string runs to the end, so that no byte is looked at twice.
_TOKEN: Final = re.compile(rb'[\[\]{},]|"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_MAX_BETWEEN: Final = 64 * 1024
_NO_ARRAY: Final = say("The metadata is no JSON array of data sets (PS3.18 F.2.1).")

Span = tuple[int, int]


def data_set_spans(source: Source) -> list[Span]:
    """Return where each data set of the array in `source` starts and ends; an object alone counts as an array of one.

    Raises Unreadable for what is no such array, LimitExceeded for more than MAX_DATA_SETS, or for a data set of
    more than MAX_BYTES or MAX_TOKENS. What is inside of the data sets is not looked at.
    """
    spans = list(_spans(source))
    outside = _outside(source, spans)
    is_array = outside == b"[" + b"," * (len(spans) - 1) + b"]"
    if not is_array and not (len(spans) == 1 and not outside):
        raise Unreadable(_NO_ARRAY)
    return spans


def load_data_set(source: Source, span: Span) -> dict[str, Any]:
    """Return the data set in the DICOM JSON model that lies there. Raises Unreadable if it is no JSON object."""
    try:
        found = orjson.loads(memoryview(source)[span[0] : span[1]])
    except orjson.JSONDecodeError as error:
        raise Unreadable(
            say("The metadata is no JSON in UTF-8: check its brackets, quotes, commas and numbers.")
        ) from error
    if not isinstance(found, dict):
        raise Unreadable(_NO_ARRAY)
    return found


def _spans(source: Source) -> Iterator[Span]:
    """Yield where the outermost objects lie."""
    depth = start = tokens = count = 0
    for match in _TOKEN.finditer(source):
        token = match[0]
        tokens += 1
        if token == b"{":
            if depth == 0:
                start, tokens = match.start(), 0
            depth += 1
        elif token == b"}":
            depth -= 1
            if depth == 0:
                count += 1
                yield start, match.end()
        if depth and (tokens > MAX_TOKENS or match.end() - start > MAX_BYTES):
            raise LimitExceeded(say("A data set of the metadata is larger than the server handles."))
        if count > MAX_DATA_SETS:
            raise LimitExceeded(
                say("The metadata has more than {max_data_sets} data sets.", max_data_sets=MAX_DATA_SETS)
            )
        if depth < 0:
            break
    if depth:
        raise Unreadable(_NO_ARRAY)


def _outside(source: Source, spans: list[Span]) -> bytes:
    """Return what stands between the objects, without spaces: no more than a character for each of them."""
    end, found = 0, []
    for start, stop in [*spans, (len(source), len(source))]:
        if start - end > _MAX_BETWEEN:
            raise Unreadable(_NO_ARRAY)
        found.append(bytes(source[end:start]).translate(None, b" \t\r\n"))
        end = stop
    return b"".join(found).removeprefix(_BYTE_ORDER_MARK)
