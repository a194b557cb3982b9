"""What an object says is held to what its attributes hold (PS3.5 6.2), before anything is converted."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from apps.dicom.uids import is_strict_uid
from apps.saying import Sentence, say
from apps.video.errors import Code as Reason
from apps.video.errors import Refused
from apps.video.objects.metadata import Laterality, Metadata
from apps.video.objects.presets import OPHTHALMIC_8_BIT, resolved

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_CONTROL_IN_TEXT: Final = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_CODE_STRING: Final = re.compile(r"[A-Z0-9 _]{0,16}")
_ORIENTATION: Final = re.compile(r"[LRAPHF]{1,3}")
_GROUPS_OF_A_NAME: Final = 3
_COMPONENTS_OF_A_NAME: Final = 5
_LONGEST_GROUP: Final = 64
_FIRST_YEAR: Final = 1850
# What Timezone Offset From UTC (0008,0201) holds.
_WEST, _EAST, _MINUTE = timedelta(hours=-12), timedelta(hours=14), timedelta(minutes=1)
# How many of a kind there may be.
MOST: Final = {"frames": 1000}
MOST_OF_OTHERS: Final = 20
_LARGEST: Final = 2**31 - 1


def _text(longest: int, *, is_long: bool = False) -> Callable[[str], bool]:
    """Whether a text has at most so many characters and none that its VR forbids; `is_long`: it may have lines."""
    forbidden = _CONTROL_IN_TEXT if is_long else _CONTROL

    def fits(text: str) -> bool:
        return len(text) <= longest and not forbidden.search(text) and (is_long or "\\" not in text)

    return fits


def _is_name(text: str) -> bool:
    groups = text.split("=")
    return (
        len(groups) <= _GROUPS_OF_A_NAME
        and "\\" not in text
        and not _CONTROL.search(text)
        and all(len(each) <= _LONGEST_GROUP and each.count("^") < _COMPONENTS_OF_A_NAME for each in groups)
    )


def _is_code_string(text: str) -> bool:
    return _CODE_STRING.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Kind:
    """A Value Representation: which texts it holds, and how a person is told."""

    fits: Callable[[str], bool]
    rule: Sentence


LONG: Final = Kind(_text(64), say("a line of at most 64 characters, without a backslash"))
SHORT: Final = Kind(_text(16), say("a line of at most 16 characters, without a backslash"))
LINES: Final = Kind(_text(10240, is_long=True), say("a text of at most 10240 characters"))
PARAGRAPH: Final = Kind(_text(400, is_long=True), say("a text of at most 400 characters"))
NAME: Final = Kind(_is_name, say("a name such as Doe^Jane, of at most 64 characters"))
WORD: Final = Kind(_is_code_string, say("capital letters, digits, spaces and underscores, at most 16"))
UID: Final = Kind(is_strict_uid, say("a UID: digits and dots, at most 64"))
SEED: Final = Kind(lambda text: len(text) <= 1000, say("a text of at most 1000 characters"))
DIRECTION: Final = Kind(lambda text: _ORIENTATION.fullmatch(text) is not None, say("letters of L, R, A, P, H and F"))

# What each text is, by its place: the fields' names, without numbers.
KINDS: Final = {
    "preset": LONG, "sop_class_uid": UID, "modality": WORD, "sop_instance_uid": UID, "seed": SEED,
    "derivation": PARAGRAPH, "comments": LINES, "orientation": DIRECTION,
    "patient.id": LONG, "patient.issuer": LONG, "patient.name": NAME, "patient.comments": LINES,
    "study.uid": UID, "study.id": SHORT, "study.accession_number": SHORT, "study.description": LONG,
    "study.referring_physician": NAME,
    "series.uid": UID, "series.description": LONG, "series.protocol": LONG, "series.body_part": WORD,
    "series.performing_physician": NAME, "series.operators": NAME,
    "equipment.manufacturer": LONG, "equipment.model": LONG, "equipment.serial_number": LONG,
    "equipment.software": LONG, "equipment.station": SHORT, "equipment.institution": LONG, "equipment.department": LONG,
    "requested.procedure_id": SHORT, "requested.procedure_description": LONG, "requested.step_id": SHORT,
    "requested.step_description": LONG, "requested.study_uid": UID, "requested.performed_step_uid": UID,
    "synchronization.frame_of_reference_uid": UID, "synchronization.time_source": SHORT,
    "synchronization.ntp_address": LONG, "synchronization.protocol": WORD,
    "references.sop_class_uid": UID, "references.sop_instance_uid": UID,
}  # fmt: skip
# Of a coded concept, wherever it stands.
_OF_CODES: Final = {"value": SHORT, "scheme": SHORT, "meaning": LONG}


def checked(metadata: Metadata) -> Metadata:
    """The same metadata. Raises Refused (BAD_METADATA) that names the first field which its attribute can't hold.

    Also where preset, SOP class and modality don't go together, and where the SOP class needs what isn't said.
    """
    for place, value in _values("", metadata):
        if (rule := _broken(place, value)) is not None:
            raise refused(place, rule)
    if resolved(metadata).sop_class_uid == OPHTHALMIC_8_BIT:
        _check_eye(metadata)
    return metadata


def spoken(place: str) -> str:
    """A field's place as the sidecar and the REST API call it: patient.birthDate."""
    return re.sub(r"_([a-z0-9])", lambda found: found[1].upper(), place)


def refused(place: str, rule: str) -> Refused:
    return Refused(Reason.BAD_METADATA, say("{field}: expected {rule}.", field=spoken(place), rule=rule))


def _check_eye(metadata: Metadata) -> None:
    """Ophthalmic Photography needs Image Laterality (C.8.17.5) and Acquisition DateTime (C.8.17.2)."""
    if metadata.laterality not in (Laterality.RIGHT, Laterality.LEFT, Laterality.BOTH):
        raise refused("laterality", say("R, L or B: which eye it is has to be said"))
    if metadata.acquired is None:
        raise refused("acquired", say("when it was recorded: for an eye that has to be said"))


def _values(place: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Every single value in it, with its place: 'study.procedures.0.value'."""
    if is_dataclass(value):
        for each in fields(value):
            yield from _values(f"{place}.{each.name}" if place else each.name, getattr(value, each.name))
    elif isinstance(value, tuple):
        yield place, value
        for number, item in enumerate(value):
            yield from _values(f"{place}.{number}", item)
    else:
        yield place, value


def _broken(place: str, value: Any) -> Sentence | None:
    """The rule that this value breaks; None for none. What is empty breaks none."""
    if isinstance(value, tuple):
        most = MOST.get(place.rpartition(".")[2], MOST_OF_OTHERS)
        return say("at most {count} of them", count=most) if len(value) > most else None
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int):
        return None if 0 <= value <= _LARGEST else say("a number from 0 to {most}", most=_LARGEST)
    if isinstance(value, date):
        return _broken_moment(value)
    return _broken_text(place, value)


def _broken_moment(moment: date) -> Sentence | None:
    if moment.year < _FIRST_YEAR:
        return say("a date since {year}", year=_FIRST_YEAR)
    offset = moment.utcoffset() if isinstance(moment, datetime) else None
    if offset is None or (_WEST <= offset <= _EAST and not offset % _MINUTE):
        return None
    return say("a time zone of whole minutes, from -12:00 to +14:00")


def _broken_text(place: str, text: str) -> Sentence | None:
    if isinstance(text, StrEnum):
        return None
    unnumbered = ".".join(part for part in place.split(".") if not part.isdigit())
    kind = KINDS.get(unnumbered) or _OF_CODES[unnumbered.rpartition(".")[2]]
    is_needed = unnumbered not in KINDS or unnumbered.startswith(("synchronization.frame", "references"))
    if not text:
        return kind.rule if is_needed else None
    return None if kind.fits(text) else kind.rule
