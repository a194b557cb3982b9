"""Correcting data: editing, merging, moving, and undoing each of these. All is on record, but for the values."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive import events
from apps.archive.corrections import fields, people, plan, reach
from apps.archive.corrections.fields import PATIENT, STUDY, Typed, elements
from apps.archive.corrections.reading import stored_of
from apps.archive.corrections.settling import settle
from apps.archive.models import Correction, Patient, Study
from apps.audit.patients import pseudonym
from apps.audit.record import Action, tell
from apps.core.errors import Conflict, NotFound
from apps.dicom.values import Element
from apps.saying import say

Kind = Correction.Kind

MERGED = say("This patient is merged into another one: correct that one, or undo the merge first.")
NO_CORRECTION = say("There is no such correction.")


def edit_patient(principal: Principal, pk: int, typed: Typed, reason: str) -> Correction | None:
    """Correct a patient's demographics in all of their studies; None where nothing differs.

    `typed` is by the names in `fields.PATIENT`. Raises NotFound, Refused, Invalid; Conflict for a Patient ID that
    somebody else has, or a patient who is merged into another.
    """
    patient = reach.patient(principal, pk, Permission.EDIT)
    why, wanted = reach.why(reason), elements(typed, PATIENT)
    with reach.writing(patient.practice_id, reach.studies_of(patient), [pk]) as held:
        patient = _unmerged(held[pk])
        made = _edit(principal, wanted, plan.demographics(patient), practice_id=patient.practice_id, reason=why)
        if made is None:
            return None
        made.patient = patient
        made.save()
        people.refresh(patient)
        _finish(principal, Action.EDIT, made, _studies_of(patient))
    return made


def edit_study(principal: Principal, uid: str, typed: Typed, reason: str) -> Correction | None:
    """Correct what a study says; None where nothing differs. `typed` is by the names in `fields.STUDY`.

    Raises NotFound, Refused, Invalid.
    """
    study = reach.study(principal, uid, Permission.EDIT)
    why, wanted = reach.why(reason), elements(typed, STUDY)
    with reach.writing(study.practice_id, [uid], []):
        study.refresh_from_db()
        made = _edit(principal, wanted, stored_of(study), practice_id=study.practice_id, reason=why)
        if made is None:
            return None
        made.study = study
        made.save()
        _finish(principal, Action.EDIT, made, [study.pk])
    return made


def merge(principal: Principal, pk: int, into_pk: int, reason: str) -> Correction:
    """Make all of a patient's studies, and those that come later, another one's of the same practice.

    Raises NotFound, Refused, Invalid; Conflict for somebody who is merged already, or for themselves.
    """
    patient, into = (reach.patient(principal, each, Permission.MERGE) for each in (pk, into_pk))
    why = reach.why(reason)
    if patient.pk == into.pk or patient.practice_id != into.practice_id:
        raise Conflict(say("A patient is merged into another one of the same practice."))
    with reach.writing(patient.practice_id, reach.studies_of(patient), [pk, into_pk]) as held:
        patient, into = _unmerged(held[pk]), _unmerged(held[into_pk])
        studies = _studies_of(patient)
        made = Correction(practice_id=patient.practice_id, kind=Kind.MERGE, patient=patient, into=into, reason=why)
        _sign(principal, made)
        people.merge(patient, into)
        _finish(principal, Action.MERGE, made, studies)
    return made


def move(principal: Principal, uid: str, to: int | Typed, reason: str) -> Correction:
    """Make one study another patient's: one that is there, by key, or a new one, by the names in `fields.PATIENT`.

    Raises NotFound, Refused, Invalid; Conflict for the same patient, one who is merged, or a Patient ID that is taken.
    """
    study = reach.study(principal, uid, Permission.MERGE)
    why = reach.why(reason)
    target = reach.patient(principal, to, Permission.MERGE).pk if isinstance(to, int) else None
    with reach.writing(study.practice_id, [uid], {study.patient_id, target or study.patient_id}) as held:
        study.refresh_from_db()
        into = _target(study, held[target] if target else to)  # type: ignore[arg-type]
        made = Correction(practice_id=study.practice_id, kind=Kind.MOVE, study=study, into=into, reason=why)
        made.patient_id = study.patient_id
        _sign(principal, made)
        _finish(principal, Action.MOVE, made, [study.pk])
    return made


def undo(principal: Principal, pk: int) -> Correction:
    """Take a correction back, whatever came after it; everything is told as if it had not been made.

    Raises NotFound, Refused; Conflict where it is undone already.
    """
    made = Correction.objects.filter(pk=pk).select_related("patient", "into", "study").first()
    if made is None:
        raise NotFound(NO_CORRECTION)
    _check_undo(principal, made)
    about = [patient for patient in (made.patient, made.into) if patient]
    told = {root for each in about for root in (each, each.root) if root}
    uids = [made.study.study_instance_uid] if made.study else reach.studies_of(*told)
    with reach.writing(made.practice_id, uids, [each.pk for each in about]) as held:
        made = Correction.objects.select_for_update(of=("self",)).get(pk=pk)
        if made.undone_at is not None:
            raise Conflict(say("This correction is undone already."))
        made.undone_at, made.undone_by = timezone.now(), principal.username
        made.save()
        _finish(principal, *_undone(made, held))
    return made


def unmerge(principal: Principal, pk: int) -> Correction:
    """Undo the merge of this patient into another. Raises NotFound, Refused; Conflict for one who isn't merged."""
    made = Correction.objects.standing().filter(kind=Kind.MERGE, patient=pk).first()
    if made is None:
        reach.patient(principal, pk, Permission.MERGE)
        raise Conflict(say("This patient isn't merged into another one."))
    return undo(principal, made.pk)


def _edit(
    principal: Principal, wanted: Mapping[str, Element], known: Mapping[str, Element], *, practice_id: int, reason: str
) -> Correction | None:
    """The correction of what differs, not yet saved; None where nothing does."""
    changes = {tag: new for tag, new in wanted.items() if new.get("Value") != known.get(tag, {}).get("Value")}
    if not changes:
        return None
    previous = {tag: known.get(tag) for tag in changes}
    made_by = principal.username
    return Correction(
        practice_id=practice_id, kind=Kind.EDIT, changes=changes, previous=previous, reason=reason, made_by=made_by
    )


def _sign(principal: Principal, made: Correction) -> None:
    made.made_by = principal.username
    made.save()


def _finish(principal: Principal, action: Action, made: Correction, study_pks: Iterable[int]) -> None:
    """Bring the studies up to date, and put the correction on record: which one, and of what attributes."""
    concerned = list(study_pks)
    count = settle(concerned)
    told: dict[str, Any] = {"practice_id": made.practice_id, "study_pks": concerned}
    transaction.on_commit(partial(events.corrected.send_robust, sender=Correction, **told))
    about = made.patient
    detail = ", ".join((f"correction {made.pk}", *sorted(made.changes)))
    tell(
        action,
        principal=principal,
        practice_id=made.practice_id,
        study_instance_uid=made.study.study_instance_uid if made.study else "",
        patient=pseudonym(made.practice_id, about.identity) if about else "",
        count=count,
        detail=f"{detail} undone" if made.undone_at else detail,
    )


def _undone(made: Correction, held: Mapping[int, Patient]) -> tuple[Action, Correction, list[int]]:
    """What to put on record of a correction that has been undone, and which studies it changes."""
    if made.study:
        return (Action.MOVE if made.kind == Kind.MOVE else Action.EDIT), made, [made.study.pk]
    patient = held[made.patient_id or 0]
    studies = _studies_of(patient.root or patient)
    if made.kind == Kind.MERGE:
        people.part(patient)
        return Action.UNMERGE, made, studies
    people.refresh(patient)
    return Action.EDIT, made, studies


def _check_undo(principal: Principal, made: Correction) -> None:
    """Whoever may make such a correction may undo it. Raises NotFound, Refused."""
    needed = Permission.EDIT if made.kind == Kind.EDIT else Permission.MERGE
    if made.study:
        reach.study(principal, made.study.study_instance_uid, needed)
        return
    for patient in filter(None, (made.patient, made.into)):
        if not principal.may_in_all_of(needed, made.practice_id):
            reach.patient(principal, (patient.root or patient).pk, needed)


def _target(study: Study, to: Patient | Typed) -> Patient:
    into = to if isinstance(to, Patient) else people.create(study.practice_id, fields.complete(to, PATIENT))
    if _unmerged(into).practice_id != study.practice_id or into.pk == study.patient_id:
        raise Conflict(say("A study is moved to another patient of the same practice."))
    return into


def _unmerged(patient: Patient) -> Patient:
    if patient.merged_into_id is not None:
        raise Conflict(MERGED)
    return patient


def _studies_of(patient: Patient) -> list[int]:
    mine = Study.objects.filter(patient=patient).order_by("study_instance_uid")
    return list(mine.values_list("pk", flat=True))
