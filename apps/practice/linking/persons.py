"""Whom a study shows: what its images say of their patient, as it leaves, corrections and all."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from isal import isal_zlib

from apps.archive import attributes as index
from apps.archive.corrected import corrected
from apps.archive.models import Instance, Study
from apps.practice.matching import blocking, dicom
from apps.practice.matching.person import Person
from apps.practice.models.matches import DIGEST_LENGTH

# Other Patient IDs and their sequence, other names, birth name, address, telephone numbers: not in the index.
_BESIDES: Final = ("00101000", "00101002", "00101001", "00101005", "00101040", "00102154")
MOST_VALUES: Final = 20


@dataclass(frozen=True, slots=True)
class Shown:
    """The person on the images, the keys that they are looked up by, and a hash of what tells who they are."""

    person: Person
    keys: frozenset[str]
    digest: str


def shown(study: Study) -> Shown:
    """Whom the study shows now. The hash is over name, Patient ID, issuer, birth date and sex."""
    told = _told(study)
    person = _person({**told, **_besides(study)})
    digest = hashlib.sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()[:DIGEST_LENGTH]
    return Shown(person, blocking.keys(person), digest)


def attributes_of(study: Study) -> dict[str, Any]:
    """What the study says of its patient, in DICOM JSON: for people to read."""
    return {**_told(study), **_besides(study)}


def _told(study: Study) -> dict[str, Any]:
    known = index.unpack(bytes(study.found))
    return {tag: known[tag] for tag, _, _ in index.DEMOGRAPHICS if tag in known}


def _besides(study: Study) -> dict[str, Any]:
    """What one of the study's objects says of the patient that the index doesn't keep."""
    first = study.series.order_by("pk").values("pk")[:1]
    header = Instance.objects.filter(series=first).order_by("instance_number", "pk").values_list("header").first()
    if header is None:
        return {}
    attributes = orjson.loads(isal_zlib.decompress(header[0]))
    known = corrected({tag: attributes[tag] for tag in _BESIDES if tag in attributes}, bytes(study.correction))
    return {tag: known[tag] for tag in _BESIDES if tag in known}


def _person(known: Mapping[str, Any]) -> Person:
    return dicom.person_of(
        names=[name for tag in ("00100010", "00101001", "00101005") for name in _names(known, tag)],
        ids=[(index.text(known, "00100020"), index.text(known, "00100021")), *_other_ids(known)],
        birth_date=index.date(known, "00100030"),
        sex=index.text(known, "00100040"),
        address=index.text(known, "00101040"),
        telephones=[str(value) for value in _values(known, "00102154")],
    )


def _values(known: Mapping[str, Any], tag: str) -> list[Any]:
    values = known.get(tag, {}).get("Value") or []
    return [value for value in values[:MOST_VALUES] if value]


def _names(known: Mapping[str, Any], tag: str) -> Iterator[str]:
    """PN values (PS3.18 F.2.2) with their groups, as PS3.5 6.2 writes them."""
    for value in _values(known, tag):
        if isinstance(value, dict):
            yield "=".join(str(value.get(group) or "") for group in ("Alphabetic", "Ideographic", "Phonetic"))


def _other_ids(known: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from ((str(value), "") for value in _values(known, "00101000"))
    for item in _values(known, "00101002"):
        if isinstance(item, dict) and (value := index.text(item, "00100020")):
            yield value, index.text(item, "00100021")
