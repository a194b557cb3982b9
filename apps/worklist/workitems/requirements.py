"""What a workitem must have, and what may be given when (PS3.4 table CC.2.5-3)."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from pydicom.datadict import keyword_for_tag

from apps.core.errors import Invalid
from apps.dicom.attributes import items, text, values
from apps.dicom.dictionary import standard_vr
from apps.saying import say
from apps.worklist.models.workitems import ProcedureStepState
from apps.worklist.workitems import names
from apps.worklist.workitems.names import Dataset

# Type 1 of N-CREATE; and of N-SET, what may be changed but not emptied.
REQUIRED: Final = (names.PRIORITY, names.LABEL, names.START, names.INPUT_READINESS)
NEVER_EMPTY: Final = (*REQUIRED, names.WORKLIST_LABEL)
# Type 2 of N-CREATE: they stand in every workitem, and may be empty.
PRESENT: Final = (
    names.ADMITTING_DIAGNOSES_DESCRIPTION, names.ADMITTING_DIAGNOSES_CODES, names.PATIENT_NAME, names.PATIENT_ID,
    names.PATIENT_ID_ISSUER, names.PATIENT_BIRTH_DATE, names.PATIENT_SEX, names.OTHER_PATIENT_IDS, names.ADMISSION_ID,
    names.ADMISSION_ID_ISSUER, names.COMMENTS, names.WORKITEM_CODES, names.INPUT_INFORMATION, names.STATION_NAME_CODES,
    names.STATION_CLASS_CODES, names.STATION_LOCATION_CODES, names.REFERENCED_REQUESTS, names.PROGRESS_INFORMATION,
    names.PROCESSING_PARAMETERS, names.PERFORMED_PROCEDURE,
)  # fmt: skip
# What is not there before somebody has begun.
EMPTY_AT_FIRST: Final = (names.PROGRESS_INFORMATION, names.PERFORMED_PROCEDURE)
# What N-SET does not change: whose it is, and why it is.
FIXED: Final = (
    names.SOP_CLASS_UID, names.SOP_INSTANCE_UID, names.STATE, names.ADMITTING_DIAGNOSES_DESCRIPTION,
    names.ADMITTING_DIAGNOSES_CODES, names.PATIENT_NAME, names.PATIENT_ID, names.PATIENT_ID_ISSUER,
    names.PATIENT_ID_ISSUER_QUALIFIERS, names.PATIENT_BIRTH_DATE, names.PATIENT_SEX, names.ADMISSION_ID,
    names.ADMISSION_ID_ISSUER, names.REFERENCED_REQUESTS, names.REPLACED_STEPS,
)  # fmt: skip
# The answer to a search: return key types 1 and 2.
RETURNED: Final = frozenset({
    *PRESENT, *REQUIRED, names.CHARACTER_SET, names.SOP_CLASS_UID, names.SOP_INSTANCE_UID, names.STATE,
    names.WORKLIST_LABEL, names.MODIFICATION, names.EXPECTED_COMPLETION, names.EXPIRATION, names.HUMAN_PERFORMERS,
    names.STUDY_INSTANCE_UID, names.REPLACED_STEPS,
} - {names.PERFORMED_PROCEDURE})  # fmt: skip
DEFAULT_WORKLIST_LABEL: Final = "WORKLIST"

_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    names.PRIORITY: ("HIGH", "MEDIUM", "LOW"),
    names.INPUT_READINESS: ("INCOMPLETE", "UNAVAILABLE", "READY"),
}
_DATE_TIME: Final = re.compile(
    r"\d{4}(?:(?:0[1-9]|1[0-2])(?:(?:0[1-9]|[12]\d|3[01])(?:(?:[01]\d|2[0-3])(?:[0-5]\d"
    r"(?:(?:[0-5]\d|60)(?:\.\d{1,6})?)?)?)?)?)?(?:[+-](?:0\d|1[0-4])[0-5]\d)?",
    re.ASCII,
)
_DATE_TIMES: Final = (names.START, names.EXPECTED_COMPLETION, names.EXPIRATION)
# Final State Codes: P of the performed procedure, X of the progress information.
_PERFORMED: Final = (
    names.PERFORMED_STATION_NAME_CODES, names.PERFORMED_START, names.PERFORMED_WORKITEM_CODES, names.PERFORMED_END,
)  # fmt: skip
_DISCONTINUED: Final = (names.CANCELLATION_DATE_TIME, names.DISCONTINUATION_REASON_CODES)


def check_new(dataset: Dataset) -> None:
    """Raises Invalid for what N-CREATE doesn't take (PS3.4 CC.2.5.3)."""
    if lacking := [tag for tag in REQUIRED if not values(dataset, tag)]:
        raise Invalid(say("A new workitem needs a value of {named}.", named=_named(lacking)))
    if text(dataset, names.STATE) != ProcedureStepState.SCHEDULED:
        raise Invalid(say("A new workitem has the Procedure Step State SCHEDULED."))
    if filled := [tag for tag in EMPTY_AT_FIRST if values(dataset, tag)]:
        raise Invalid(
            say("A new workitem has no value of {named}: that comes while it is in progress.", named=_named(filled))
        )
    _check_values(dataset)


def completed(dataset: Dataset) -> bool:
    """Add what a new workitem must have and this has not, empty; whether anything was."""
    missing = [tag for tag in PRESENT if tag not in dataset]
    dataset.update({tag: {"vr": standard_vr(int(tag, 16)).decode()} for tag in missing})
    if not values(dataset, names.WORKLIST_LABEL):
        dataset[names.WORKLIST_LABEL] = {"vr": "LO", "Value": [DEFAULT_WORKLIST_LABEL]}
        missing.append(names.WORKLIST_LABEL)
    return bool(missing)


def check_changes(changes: Dataset, stored: Dataset) -> None:
    """Raises Invalid for what N-SET doesn't take (PS3.4 CC.2.6.2). What stands there already may be sent again."""
    fixed = [tag for tag in FIXED if tag in changes and changes[tag] != stored.get(tag, {"vr": changes[tag]["vr"]})]
    if fixed:
        raise Invalid(say("An update can't change {named}.", named=_named(fixed)))
    if emptied := [tag for tag in NEVER_EMPTY if tag in changes and not values(changes, tag)]:
        raise Invalid(say("An update can't empty {named}.", named=_named(emptied)))
    _check_values(changes)


def unmet(dataset: Dataset, state: str) -> str:
    """What is missing before the workitem may come into this final state (CC.2.5.1.1), in words; empty for nothing."""
    if state == ProcedureStepState.CANCELED:
        return _named(_lacking(dataset, names.PROGRESS_INFORMATION, _DISCONTINUED))
    lacking = [*_lacking(dataset, names.PERFORMED_PROCEDURE, _PERFORMED)]
    if any(names.OUTPUT_INFORMATION not in item for item in items(dataset, names.PERFORMED_PROCEDURE)):
        lacking.append(names.OUTPUT_INFORMATION)
    return _named(lacking)


def _lacking(dataset: Dataset, sequence: str, wanted: Iterable[str]) -> Iterator[str]:
    """The sequence itself where it has no item, and what isn't valued in one of its items."""
    found = list(items(dataset, sequence))
    if not found:
        yield sequence
    for tag in wanted:
        if not found or any(not values(item, tag) for item in found):
            yield tag


def _check_values(dataset: Dataset) -> None:
    for tag, allowed in _CHOICES.items():
        if any(value not in allowed for value in values(dataset, tag)):
            raise Invalid(
                say(
                    "{keyword_for_tag} is one of {names}.",
                    keyword_for_tag=keyword_for_tag(int(tag, 16)),
                    names=", ".join(allowed),
                )
            )
    for tag in _DATE_TIMES:
        if any(not _is_date_time(value) for value in values(dataset, tag)):
            raise Invalid(
                say(
                    "{keyword_for_tag} is a date and time such as 20260131093000.",
                    keyword_for_tag=keyword_for_tag(int(tag, 16)),
                )
            )


def _is_date_time(value: Any) -> bool:
    return isinstance(value, str) and _DATE_TIME.fullmatch(value.strip()) is not None


def _named(tags: Iterable[str]) -> str:
    return ", ".join(keyword_for_tag(int(tag, 16)) for tag in tags)
