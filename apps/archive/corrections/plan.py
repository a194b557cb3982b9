"""What is changed of a study's objects when they leave: worked out from the corrections that stand."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import orjson

from apps.archive.attributes import DEMOGRAPHICS
from apps.archive.corrections.models import Correction
from apps.archive.models import Patient, Study
from apps.dicom.modifications import Modification, Reason
from apps.dicom.values import Element

Changes = dict[str, Element | None]

# The Modifying System (0400,0563).
SYSTEM: Final = "Fovea"
# Identifiers that belong to a Patient ID and go with it: its type and its issuer's qualifiers.
_OF_THE_ID: Final = ("00100022", "00100024")
# What else tells of a person, and would be somebody else's after a move (PS3.3 C.2.2, C.2.3).
_OF_THE_PERSON: Final = (
    *("00100032", "00101000", "00101001", "00101002", "00101005", "00101040", "00101060", "00101080", "00101081"),
    *("00101090", "00102150", "00102152", "00102154", "00102155", "001021F0", "00104000"),
)


@dataclass(frozen=True, slots=True)
class Way:
    """How a study came to its patient: from whom, when the last step was made, and whether it was moved."""

    patient: Patient
    at: datetime | None
    was_moved: bool


def way_of(study: Study, original: Patient) -> Way:
    """The way from the patient that a study came with to the one whose it is, by moves and merges that stand."""
    move = study.corrections.standing().filter(kind=Correction.Kind.MOVE).select_related("into").last()
    patient, at = (move.into, move.made_at) if move and move.into else (original, None)
    while patient.merged_into is not None:
        merge = patient.corrections.standing().filter(kind=Correction.Kind.MERGE).last()
        if merge is not None:
            at = max(at or merge.made_at, merge.made_at)
        patient = patient.merged_into
    return Way(patient, at, move is not None)


def modifications(study: Study, original: Patient, way: Way) -> list[Modification]:
    """What is changed, in the order of time: whose the study is, then edits of that patient and of the study."""
    edits = list(way.patient.corrections.standing().filter(kind=Correction.Kind.EDIT))
    found: list[Modification] = []
    if way.patient.pk != original.pk:
        at = way.at or max((edit.made_at for edit in edits), default=study.received_at)
        known = [edit for edit in edits if edit.made_at <= at]
        edits = [edit for edit in edits if edit.made_at > at]
        found.append(_modification(at, Reason.COERCE, _all_of(way, known)))
    edits += study.corrections.standing().filter(kind=Correction.Kind.EDIT)
    edits.sort(key=lambda edit: (edit.made_at, edit.pk))
    return found + [_modification(edit.made_at, Reason.CORRECT, edit.changes) for edit in edits]


def demographics(patient: Patient, edits: Iterable[Correction] | None = None) -> dict[str, Element]:
    """A patient's demographics in DICOM JSON after these edits; after all that stand where none are given."""
    known: dict[str, Element] = orjson.loads(bytes(patient.demographics) or b"{}")
    if edits is None:
        edits = patient.corrections.standing().filter(kind=Correction.Kind.EDIT)
    for edit in edits:
        known |= edit.changes
    return known


def _all_of(way: Way, edits: Iterable[Correction]) -> Changes:
    """Everything that tells of the patient, in the place of what told of another one."""
    known = demographics(way.patient, edits)
    gone = _OF_THE_ID + (_OF_THE_PERSON if way.was_moved else ())
    changes: Changes = dict.fromkeys(gone)
    changes |= {tag: known.get(tag) or ({"vr": vr} if always else None) for tag, vr, always in DEMOGRAPHICS}
    return changes | known


def _modification(at: datetime, reason: Reason, changes: Mapping[str, Element | None]) -> Modification:
    return Modification(f"{at.astimezone(UTC):%Y%m%d%H%M%S.%f}+0000", reason, SYSTEM, changes)
