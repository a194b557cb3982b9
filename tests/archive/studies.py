"""Studies to be searched for: small objects, told apart by their Study ID."""

from collections.abc import Callable
from typing import Any, Final

import orjson
import pytest

from apps.accounts.principal import Principal
from apps.archive.query import Answer, Level, Search, find, tag_path
from tests import dicoms
from tests.archive.conftest import Store

STUDY_ID: Final = "00200010"

BASE: Final = "https://pacs.example.org/dicom-web"
STUDY, SERIES = dicoms.uid(9, 1), dicoms.uid(9, 1, 1)
# A search of each of the six addresses of QIDO-RS.
ADDRESSES: Final = (
    Search(Level.STUDY),
    Search(Level.SERIES),
    Search(Level.INSTANCE),
    Search(Level.SERIES, study=STUDY),
    Search(Level.INSTANCE, study=STUDY),
    Search(Level.INSTANCE, study=STUDY, series=SERIES),
)

Found = Callable[..., list[str]]


def study(number: int, series: int = 1, instance: int = 1, **attributes: Any) -> bytes:
    """An object of the study with this Study ID, by default its only one."""
    uids = {
        "StudyInstanceUID": dicoms.uid(9, number),
        "SeriesInstanceUID": dicoms.uid(9, number, series),
        "SOPInstanceUID": dicoms.uid(9, number, series, instance),
    }
    numbers = {"SeriesNumber": str(series), "InstanceNumber": str(instance)}
    return dicoms.encapsulated_pdf(**(uids | numbers | {"StudyID": str(number)} | attributes))


def search(level: Level = Level.STUDY, keys: dict[str, str | list[str]] | None = None, **options: Any) -> Search:
    """A search by keywords or tags, as they are written in a query."""
    paths = {str(tag_path(name)): [text] if isinstance(text, str) else text for name, text in (keys or {}).items()}
    return Search(level, paths, **options)


def ids(answer: Answer) -> list[str]:
    """The Study IDs of the rows, in their order."""
    return [row[STUDY_ID]["Value"][0] for row in answer.dicts()]


@pytest.fixture
def found(nora: Principal) -> Found:
    """The Study IDs, sorted, of the studies that match these keys: `found(PatientName="doe")`."""

    def found(fuzzy: bool = False, **keys: str | list[str]) -> list[str]:
        return sorted(ids(find(nora, search(keys=keys, fuzzy=fuzzy))))

    return found


def store_each(store: Store, keyword: str, *values: Any) -> None:
    """Store a study for each value of an attribute, numbered from 1."""
    store(*(study(number, **{keyword: value}) for number, value in enumerate(values, 1)))


def rows(principal: Principal, search: Search) -> list[dict[str, Any]]:
    read: list[dict[str, Any]] = orjson.loads(find(principal, search).json(BASE))
    return read


def value(row: dict[str, Any], tag: str) -> Any:
    return row[tag]["Value"][0]
