"""Tables as people's programs write them (CSV): in several encodings, with several separators, bounded."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from apps.core.errors import Invalid
from apps.saying import say

SEPARATORS: Final = ",;\t|"
MOST_COLUMNS: Final = 200
# Of the first line, where the separator is looked for.
_MOST_LETTERS: Final = 4000


def rows(data: bytes, most: int) -> Iterator[tuple[int, list[str]]]:
    """The rows of a table that hold anything, each with the number of its last line; the first names the columns.

    Raises Invalid for more than `most` lines or 200 columns, and for what is no table.
    """
    text = text_of(data)
    if text.count("\n") > most:
        raise Invalid(say("A table has at most {most} lines. Give it in parts.", most=most))
    read = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text))
    try:
        for row in read:
            if len(row) > MOST_COLUMNS:
                raise Invalid(say("A table has at most {most_columns} columns.", most_columns=MOST_COLUMNS))
            if any(cell.strip() for cell in row):
                yield read.line_num, row
    except csv.Error as error:
        raise Invalid(say("The table can't be read as CSV: check its quotation marks.")) from error


def text_of(data: bytes) -> str:
    """The text of a file that somebody's program wrote, in UTF-8, UTF-16 or Windows' Latin script."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    # Latin letters in UTF-16 without a mark: every other byte of the first ones is zero.
    if data[:1] and data[1:8:2] == bytes(4):
        return data.decode("utf-16-le", "replace")
    if data[1:2] and data[0:8:2] == bytes(4):
        return data.decode("utf-16-be", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def plain(name: str) -> str:
    """A column's name without capitals, accents and what is no letter: `Prénom` and `prenom`, `Patient ID` and
    `patient_id` are one."""
    letters = unicodedata.normalize("NFKD", name).replace("ß", "ss").lower()
    return re.sub(r"[^a-z0-9]", "", letters)


def _separator(text: str) -> str:
    first = text.lstrip("\r\n \ufeff")[:_MOST_LETTERS].partition("\n")[0]
    return max(SEPARATORS, key=first.count)
