"""Every name of pydicom's example files, in all their character sets, is found as people write it (PS3.5 6.1, H)."""

import unicodedata
from pathlib import Path

import pytest
from pydicom.data import get_charset_files

from apps.accounts.principal import Principal
from apps.archive.query import find
from tests.archive.conftest import Store
from tests.archive.studies import rows, search, value

pytestmark = pytest.mark.django_db

FILES = sorted(Path(name) for name in get_charset_files("*.dcm"))


def plain(text: str) -> str:
    """The text without accents, of Latin, Greek and Cyrillic alone: those of other scripts make another letter."""
    parts = unicodedata.normalize("NFD", text)
    return "".join(part for part in parts if not "\u0300" <= part <= "\u036f")


def ways_to_ask(group: str) -> set[str]:
    first, last = group.partition("^")[0], group.rpartition("^")[2]
    wildcards = {f"{first}*", f"{group[0]}?{group[2:]}", f"*{last}", f"*{last[1:]}*"}
    return wildcards | {group, group.upper(), group.lower(), plain(group), first}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_name_is_found_by_each_of_its_groups(path: Path, store: Store, nora: Principal) -> None:
    store(path.read_bytes())
    (row,) = rows(nora, search())
    groups = value(row, "00100010") if "Value" in row["00100010"] else {}
    for group in groups.values():
        missed = {way for way in ways_to_ask(group) if not len(find(nora, search(keys={"PatientName": way})))}
        assert not missed
        assert len(find(nora, search(keys={"PatientName": group.split("^")[0]}, fuzzy=True)))


def test_the_files_hold_all_kinds_of_groups(store: Store, nora: Principal) -> None:
    store(*(path.read_bytes() for path in FILES if path.stem == "chrH32"))
    (row,) = rows(nora, search())
    assert set(value(row, "00100010")) == {"Alphabetic", "Ideographic", "Phonetic"}
