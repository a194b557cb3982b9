"""Lesions recorded, changed, joined and removed by people; and how each was found in a study."""

from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.analysis.uids import uid
from apps.archive.models import Patient, Study
from apps.archive.rights import denied
from apps.audit.record import Action, tell
from apps.core.errors import Conflict, Invalid, NotFound
from apps.lesions.judging import check
from apps.lesions.measured import Measured
from apps.lesions.models import NAME_LENGTH, FoundAs, Lesion, LesionFinding, Role
from apps.lesions.organs import CODES, Organ
from apps.lesions.taking import columns_of, things_of
from apps.saying import Sentence, say

# Standing for a lesion is like drawing one.
KEEPS: Final = Permission.ANNOTATE
# Of one patient.
MOST_LESIONS: Final = 200
NO_LESION: Final = say("There is no such lesion.")
NO_MEASUREMENT: Final = say("The study has no such length by a person, or by a machine that a person stands for.")
# How targets may be found; others may be present, or have unequivocally progressed, too.
OF_TARGETS: Final = frozenset({FoundAs.MEASURED, FoundAs.TOO_SMALL, FoundAs.ABSENT, FoundAs.NOT_EVALUABLE})


def add(who: Principal, study_uid: str, given: dict[str, Any], *, source: str = "") -> Lesion:
    """Record a lesion that was seen in a study.

    `given` has `role`, and `measurement` (any of what it was measured by in this study) or `state`; `name`, `organ` and
    `is_node` where the measurement doesn't say them. Raises NotFound, Refused, Invalid with what is missing, and
    Conflict for what RECIST 1.1 doesn't let be.
    """
    study = study_of(who, study_uid)
    columns = _found_as(study, given)
    thing = columns.pop("thing")
    with transaction.atomic():
        _lock(study.patient_id)
        lesion = _new(who, study, given, thing)
        lesion.save()
        LesionFinding.objects.create(lesion=lesion, study=study, noted_by_id=who.user_id or None, **columns)
        check(study.patient_id)
        _tell(who, lesion, study, "recorded", source)
    return lesion


def change(who: Principal, pk: int, given: dict[str, Any], *, source: str = "") -> Lesion:
    """Change its `name`, `organ`, `role` or `is_node`. Raises as `add`."""
    lesion = lesion_of(who, pk)
    with transaction.atomic():
        _lock(lesion.study.patient_id)
        Lesion.objects.filter(pk=lesion.pk).update(**given)
        check(lesion.study.patient_id)
        _tell(who, lesion, lesion.study, "changed", source)
    return lesion_of(who, pk)


def remove(who: Principal, pk: int, *, source: str = "") -> None:
    """Forget it, in all studies; what was measured stays. Raises NotFound and Refused."""
    lesion = lesion_of(who, pk)
    with transaction.atomic():
        _tell(who, lesion, lesion.study, "removed", source)
        lesion.delete()


def note(who: Principal, pk: int, study_uid: str, given: dict[str, Any], *, source: str = "") -> LesionFinding:
    """Say how it was found in a study of the patient: by a `measurement`, or by a `state`. Raises as `add`."""
    lesion, study = lesion_of(who, pk), study_of(who, study_uid)
    if study.patient_id != lesion.study.patient_id:
        raise Conflict(say("This study is another patient's."))
    columns = _found_as(study, {**given, "role": lesion.role})
    columns.pop("thing")
    with transaction.atomic():
        _lock(study.patient_id)
        said = {**_NOTHING, **columns, "noted_by_id": who.user_id or None, "noted_at": timezone.now()}
        finding, _ = LesionFinding.objects.update_or_create(lesion=lesion, study=study, defaults=said)
        check(study.patient_id)
        _tell(who, lesion, study, f"found {finding.state}", source)
    return finding


def unsay(who: Principal, pk: int, study_uid: str, *, source: str = "") -> None:
    """Take back how it was found in a study. Raises NotFound, Refused, and Conflict for the one it was recorded in."""
    lesion, study = lesion_of(who, pk), study_of(who, study_uid)
    if study.pk == lesion.study_id:
        raise Conflict(say("The lesion was first recorded in this study: remove the lesion itself."))
    with transaction.atomic():
        gone, _ = lesion.findings.filter(study=study).delete()
        if not gone:
            raise NotFound(say("Nothing is said of this lesion in this study."))
        _tell(who, lesion, study, "finding taken back", source)


def join(who: Principal, pk: int, other_pk: int, *, source: str = "") -> Lesion:
    """Two lesions turn out to be one: it takes over the other's findings where it has none, and the other is gone.

    Raises NotFound, Refused, Invalid for itself, Conflict for another patient's.
    """
    lesion, other = lesion_of(who, pk), lesion_of(who, other_pk)
    if lesion.pk == other.pk:
        raise Invalid(errors=[("lesion", say("This is the lesion itself."))])
    if lesion.study.patient_id != other.study.patient_id:
        raise Conflict(say("This lesion is another patient's."))
    with transaction.atomic():
        _lock(lesion.study.patient_id)
        other.findings.exclude(study__in=lesion.findings.values("study")).update(lesion=lesion)
        other.delete()
        check(lesion.study.patient_id)
        _tell(who, lesion, lesion.study, f"joined with {other_pk}", source)
    return lesion


def lesion_of(who: Principal, pk: int) -> Lesion:
    """Raises NotFound, and Refused for who may only look at it."""
    every = Lesion.objects.select_related("study").defer("study__found", "study__original_found").filter(pk=pk)
    found = every.visible_to(who, KEEPS).first()
    if found is not None:
        return found
    seen = every.visible_to(who, Permission.VIEW).first()
    raise denied(who, KEEPS, seen.study.study_instance_uid) if seen else NotFound(NO_LESION)


def study_of(who: Principal, study_uid: str) -> Study:
    """The study of this UID, the active practice's of several. Raises NotFound, and Refused for who may only look."""
    rows = Study.objects.visible_to(who, KEEPS).defer("found", "original_found")
    found = list(rows.filter(study_instance_uid=study_uid).order_by("practice_id"))
    if not found:
        raise denied(who, KEEPS, study_uid)
    return next((study for study in found if study.practice_id == who.practice_id), found[0])


# What a finding without a measurement says of it.
_NOTHING: Final[dict[str, Any]] = {
    "diameter_mm": None, "short_axis_mm": None, "tracking_uid": "", "series_instance_uid": "", "sop_instance_uid": "",
    "frame_number": 0, "x": None, "y": None, "z": None,
}  # fmt: skip


def _found_as(study: Study, given: dict[str, Any]) -> dict[str, Any]:
    """The columns of a finding, and `thing`: what it was measured by, None where a person says how it was found."""
    if given.get("measurement"):
        thing = _thing(study, given["measurement"])
        return {**columns_of(thing), "thing": thing}
    state = given.get("state")
    if state in (None, FoundAs.MEASURED):
        raise _wrong("measurement", say("Say by which measurement, or how else it was found."))
    if given["role"] == Role.TARGET and state not in OF_TARGETS:
        raise _wrong("state", say("A target lesion is measured, too small to measure, absent or not evaluable."))
    return {"state": state, "thing": None}


def _thing(study: Study, measurement: int) -> Measured:
    found = next((each for each in things_of([study]) if measurement in each.measurements), None)
    if found is None:
        raise _wrong("measurement", NO_MEASUREMENT)
    return found


def _new(who: Principal, study: Study, given: dict[str, Any], thing: Measured | None) -> Lesion:
    count = Lesion.objects.filter(study__patient=study.patient_id).count()
    if count >= MOST_LESIONS:
        raise Conflict(say("This patient has {most} lesions. Remove those that are no lesions.", most=MOST_LESIONS))
    organ = given.get("organ") or (thing.organ if thing else "")
    if not organ:
        raise _wrong("organ", say("Say in which organ it is: the measurement does not."))
    if thing and _is_taken(study, thing):
        raise Conflict(say("By this measurement another lesion was recorded already."))
    name = given.get("name") or (thing.label if thing else "") or f"{CODES[organ].meaning} {count + 1}"
    own = thing.tracking_uid if thing else ""
    return Lesion(
        study=study,
        tracking_uid=own or uid(f"{study.study_instance_uid}/{timezone.now().isoformat()}/{count}", "lesion"),
        name=name[:NAME_LENGTH],
        organ=organ,
        is_node=given.get("is_node", organ == Organ.LYMPH_NODE),
        role=given["role"],
        made_by_id=who.user_id or None,
    )


def _is_taken(study: Study, thing: Measured) -> bool:
    same = {"tracking_uid": thing.tracking_uid, "sop_instance_uid": thing.sop_instance_uid}
    places = {"x": thing.point[0], "y": thing.point[1], "z": thing.point[2]} if thing.point else {}
    return LesionFinding.objects.filter(study=study, state=FoundAs.MEASURED, **same, **places).exists()


def _lock(patient: int) -> None:
    """Whoever changes lesions of this patient waits here, so that they are judged together."""
    Patient.objects.select_for_update().only("pk").get(pk=patient)


def _wrong(field: str, reason: Sentence) -> Invalid:
    return Invalid(reason, [(field, reason)])


def _tell(who: Principal, lesion: Lesion, study: Study, what: str, source: str) -> None:
    tell(
        Action.EDIT,
        principal=who,
        practice_id=study.practice_id,
        study_instance_uid=study.study_instance_uid,
        detail=f"lesion {lesion.pk} {what}",
        source=source,
    )
