"""What a caller says of the files of a batch: of all of them, and of some by their names, in JSON or in a table."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, Final

import orjson
from django.conf import settings
from rest_framework.serializers import ValidationError

from apps.core.errors import Invalid
from apps.core.form_data import NAME_LENGTH
from apps.core.serializers import camel
from apps.core.tables import SEPARATORS, plain, text_of
from apps.practice.models import Lead
from apps.practice.xrays.facts import FactsSerializer
from apps.saying import say

METADATA: Final = "metadata"
MANIFEST: Final = "manifest"
FILE_COLUMNS: Final = frozenset({"file", "filename", "name"})
MOST_ERRORS: Final = 50
# How many leads one query asks about.
AT_ONCE: Final = 500
LONGEST_NUMBER: Final = 19
WRONG: Final = say("Some of what was said of the files is not right: see errors.")
NO_LEAD: Final = say("There is no such lead in this practice.")
NO_FIELD: Final = say("There is no such field.")
_OBJECT_WANTED: Final = say(
    "This is to be a JSON object of files' names, such as {example}.", example='{"a.jpg": {"leadId": 12}}'
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What was said of a file; what is None or empty was not said."""

    lead_id: int | None = None
    user_id: str = ""
    xray_type: str = ""
    date_taken: datetime | None = None
    teeth: str = ""
    notes: str = ""

    def over(self, others: "Facts") -> "Facts":
        """These, and of the others what is not said here."""
        return Facts(**{name: getattr(self, name) or getattr(others, name) for name in NAMES})


NAMES: Final = tuple(each.name for each in fields(Facts))
FIELDS: Final = frozenset(map(camel, NAMES))


@dataclass(frozen=True, slots=True)
class Said:
    """What was said of all files, and of those of a name."""

    of_all: Facts
    of_named: Mapping[str, Facts]

    def of(self, *names: str) -> Facts:
        """What holds for a file that is called by any of these names."""
        own = next((self.of_named[name] for name in names if name in self.of_named), None)
        return own.over(self.of_all) if own else self.of_all

    @property
    def leads(self) -> list[int]:
        """Those that are named, each once."""
        return sorted({each.lead_id for each in (self.of_all, *self.of_named.values()) if each.lead_id})

    def to_json(self) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
        return asdict(self.of_all), {name: asdict(each) for name, each in self.of_named.items()}

    @classmethod
    def of_json(cls, of_all: dict[str, Any], named: dict[str, dict[str, Any]]) -> "Said":
        return cls(_restored(of_all), {name: _restored(each) for name, each in named.items()})


def read(form: Mapping[str, str], manifest: bytes | None, practice_id: int) -> Said:
    """What the form's fields, its `metadata` and its manifest say. Raises Invalid with all that is wrong in it.

    The leads are of the practice: another's looks like none.
    """
    named: dict[str, Any] = {}
    if METADATA in form:
        named |= _named(form[METADATA], METADATA)
    if manifest is not None:
        named |= _listed(manifest)
    if len(named) > settings.BATCH_FILES:
        raise Invalid(
            WRONG,
            [
                (
                    METADATA,
                    say("This names more than the {batch_files} files of a batch.", batch_files=settings.BATCH_FILES),
                )
            ],
        )
    reader = _Reader()
    of_all = reader.facts({name: value for name, value in form.items() if name != METADATA})
    said = Said(of_all, {name: reader.facts(each, f"{METADATA}.{name}.") for name, each in named.items()})
    errors = [*reader.errors, *_unknown_leads(said, practice_id)]
    if errors:
        raise Invalid(WRONG, errors[:MOST_ERRORS])
    return said


class _Reader:
    """Reads the facts of file after file, and keeps what is wrong."""

    def __init__(self) -> None:
        self.errors: list[tuple[str, str]] = []
        self._check = FactsSerializer()

    def facts(self, given: Any, path: str = "") -> Facts:
        if not isinstance(given, dict):
            self.errors.append((path.rstrip("."), say("This is to be a JSON object.")))
            return Facts()
        self.errors += [(f"{path}{name}"[:NAME_LENGTH], NO_FIELD) for name in given if name not in FIELDS]
        known = {name: value for name, value in given.items() if name in FIELDS and value not in ("", None)}
        try:
            return Facts(**self._check.run_validation(known))
        except ValidationError as error:
            wrong: Any = error.detail
            self.errors += [(f"{path}{name}", str(texts[0])) for name, texts in wrong.items()]
            return Facts()


def _unknown_leads(said: Said, practice_id: int) -> Iterable[tuple[str, str]]:
    wanted = said.leads
    known: set[int] = set()
    for start in range(0, len(wanted), AT_ONCE):
        some = Lead.objects.alive().filter(practice=practice_id, pk__in=wanted[start : start + AT_ONCE])
        known.update(some.values_list("pk", flat=True))
    places = {"leadId": said.of_all} | {f"{METADATA}.{name}.leadId": each for name, each in said.of_named.items()}
    return [(field, NO_LEAD) for field, each in places.items() if each.lead_id and each.lead_id not in known]


def _named(text: str | bytes, field: str) -> dict[str, Any]:
    try:
        named = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Invalid(WRONG, [(field, say("This is not JSON."))]) from error
    if not isinstance(named, dict):
        raise Invalid(WRONG, [(field, _OBJECT_WANTED)])
    return named


def _listed(manifest: bytes) -> dict[str, Any]:
    """The lines of a manifest by their files: JSON like `metadata`, or a table whose first line names the columns."""
    if manifest.lstrip()[:1] == b"{":
        return _named(manifest, MANIFEST)
    text = text_of(manifest)
    first = text.lstrip().partition("\n")[0]
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=max(SEPARATORS, key=first.count))
    try:
        columns = [_column(cell) for cell in next(rows, [])]
        lines = [dict(zip(columns, row, strict=False)) for row in rows if any(row)]
    except csv.Error as error:
        raise Invalid(WRONG, [(MANIFEST, say("The table can't be read as CSV: check its quotation marks."))]) from error
    if "file" not in columns:
        raise Invalid(WRONG, [(MANIFEST, say("The first line of the table must name a column file."))])
    return {line.pop("file"): {name: cell.strip() for name, cell in line.items()} for line in lines}


_COLUMNS: Final = {plain(name): name for name in FIELDS} | dict.fromkeys(FILE_COLUMNS, "file")


def _column(cell: str) -> str:
    return _COLUMNS.get(plain(cell), cell.strip())


def _restored(facts: dict[str, Any]) -> Facts:
    taken = facts["date_taken"]
    return Facts(**facts | {"date_taken": datetime.fromisoformat(taken) if taken else None})
