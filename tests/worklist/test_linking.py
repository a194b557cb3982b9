"""Studies that arrive and the steps that they belong to."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive import events, lifecycle
from apps.archive.models import Study
from apps.audit.models import Event
from apps.core.errors import Conflict, NotFound, Refused
from apps.worklist import linking, scheduling
from apps.worklist.models import LinkedBy, PerformedStep, Reason, ScheduledStep, StepState, UnplannedStudy
from tests import dicoms
from tests.rights import give
from tests.worklist.arriving import arrive, plan


def linked(step: ScheduledStep) -> tuple[str, str, bool]:
    """The step's state, what told its study, and whether it has one."""
    step.refresh_from_db()
    return step.state, step.linked_by, step.study_id is not None


def reason(study: Study) -> str:
    """Why the study is on the list of those without a step; empty where it isn't."""
    return UnplannedStudy.objects.filter(study=study).values_list("reason", flat=True).first() or ""


STARTED: dict[str, tuple[str, str, bool]] = {
    each.value: (StepState.IN_PROGRESS.value, each.value, True) for each in LinkedBy
}


def test_by_the_study_instance_uid(practice: Practice) -> None:
    step = plan(practice, study_instance_uid=dicoms.STUDY_UID)
    linking.link(arrive(practice))
    assert linked(step) == STARTED["study_uid"]


def test_by_the_accession_number_and_the_patients_id(practice: Practice) -> None:
    step = plan(practice, accession_number="A1", patient_birth_date="", start_date=timezone.localdate())
    linking.link(arrive(practice, AccessionNumber="A1", StudyDate="20200101"))
    assert linked(step) == STARTED["accession"]


@pytest.mark.parametrize(
    ("other", "is_same"),
    [
        ({"PatientID": None, "PatientName": "DOE^JANE"}, True),
        ({"PatientID": "OTHER"}, True),
        ({"PatientID": "OTHER", "PatientBirthDate": None}, False),
        ({"PatientID": None, "PatientName": None}, False),
        ({"PatientName": "Roe^Richard"}, False),
        ({"PatientBirthDate": "19800101"}, False),
    ],
)
def test_an_accession_number_needs_the_patient_to_agree(
    practice: Practice, other: dict[str, Any], is_same: bool
) -> None:
    step = plan(practice, accession_number="A1")
    study = arrive(practice, AccessionNumber="A1", **other)
    linking.link(study)
    assert (linked(step)[2], reason(study)) == (is_same, "" if is_same else Reason.CONTRADICTION)


def test_by_patient_day_and_modality_where_one_step_fits(practice: Practice) -> None:
    step = plan(practice)
    others = [plan(practice, modality="MR"), plan(practice, patient_id="P2")]
    linking.link(arrive(practice))
    assert linked(step) == STARTED["patient_date"]
    assert [linked(each)[2] for each in others] == [False, False]


@pytest.mark.parametrize(
    "other", [{"PatientName": "Roe^Richard"}, {"PatientBirthDate": "19800101"}, {"AccessionNumber": "OTHER"}]
)
def test_a_patient_of_that_day_who_differs_is_for_people(practice: Practice, other: dict[str, Any]) -> None:
    step = plan(practice)
    study = arrive(practice, **other)
    linking.link(study)
    assert (linked(step)[2], reason(study)) == (False, Reason.CONTRADICTION)


def test_of_two_steps_that_fit_none_is_guessed(practice: Practice) -> None:
    steps = [plan(practice), plan(practice)]
    study = arrive(practice)
    linking.link(study)
    assert [linked(step)[2] for step in steps] == [False, False]
    assert reason(study) == Reason.SEVERAL


def test_the_station_tells_two_steps_apart(practice: Practice) -> None:
    near, far = plan(practice, station_name="ROOM1"), plan(practice, station_name="ROOM2")
    linking.link(arrive(practice, StationName="Room2"))
    assert (linked(near)[2], linked(far)) == (False, STARTED["patient_date"])


def test_steps_of_one_procedure_begin_with_their_own_modality(practice: Practice) -> None:
    ct, pt = (plan(practice, modality=code, study_instance_uid=dicoms.STUDY_UID) for code in ("CT", "PT"))
    linking.link(arrive(practice))
    assert (linked(ct), linked(pt)[0]) == (STARTED["study_uid"], StepState.SCHEDULED)
    later = {"Modality": "PT", "SeriesInstanceUID": dicoms.uid(1, 2), "SOPInstanceUID": dicoms.uid(1, 2, 1)}
    linking.link(arrive(practice, **later))
    assert linked(pt) == STARTED["study_uid"]


def test_what_nobody_planned_is_listed_where_such_studies_are_planned(practice: Practice) -> None:
    plan(practice, patient_id="P2", patient_name="Roe^Richard")
    study = arrive(practice)
    linking.link(study)
    assert reason(study) == Reason.NONE


def test_an_old_study_and_one_of_a_practice_without_a_worklist_are_not(practice: Practice) -> None:
    unplanned = arrive(practice)
    linking.link(unplanned)
    day = timezone.localdate() - timedelta(days=400)
    plan(practice, start_date=day, patient_id="P2")
    old = arrive(practice, day=day, StudyInstanceUID=dicoms.uid(9), SOPInstanceUID=dicoms.uid(9, 1))
    linking.link(old)
    assert not UnplannedStudy.objects.exists()


def test_linking_again_changes_nothing(practice: Practice) -> None:
    step = plan(practice)
    study = arrive(practice)
    linking.link(study)
    told = Event.objects.count()
    linking.link(study)
    assert (linked(step), Event.objects.count()) == (STARTED["patient_date"], told)


def test_a_step_with_another_study_keeps_it(practice: Practice) -> None:
    step = plan(practice, accession_number="A1")
    first = arrive(practice, AccessionNumber="A1")
    linking.link(first)
    second = arrive(practice, AccessionNumber="A1", StudyInstanceUID=dicoms.uid(9), SOPInstanceUID=dicoms.uid(9, 1))
    linking.link(second)
    step.refresh_from_db()
    assert (step.study, reason(second)) == (first, Reason.TAKEN)


def test_images_of_a_cancelled_step_are_for_people(practice: Practice) -> None:
    step = plan(practice, study_instance_uid=dicoms.STUDY_UID)
    scheduling.cancel(step, Principal.worker(practice.pk))
    study = arrive(practice)
    linking.link(study)
    assert (linked(step)[0], reason(study)) == (StepState.CANCELLED, Reason.CANCELLED)


def test_a_report_alone_begins_nothing(practice: Practice) -> None:
    step = plan(practice, study_instance_uid=dicoms.STUDY_UID)
    linking.link(arrive(practice, Modality="SR"))
    assert linked(step) == (StepState.SCHEDULED, "", False)


def test_another_practices_steps_are_no_concern(practice: Practice, other_practice: Practice) -> None:
    theirs = plan(other_practice, study_instance_uid=dicoms.STUDY_UID, accession_number="A1")
    linking.link(arrive(practice, AccessionNumber="A1"))
    assert not linked(theirs)[2]


def test_what_a_device_reports_counts_more_than_its_images(practice: Practice) -> None:
    step = plan(practice, study_instance_uid=dicoms.STUDY_UID)
    report = PerformedStep.objects.create(practice=practice, sop_instance_uid=dicoms.uid(7), dataset={})
    report.steps.add(step)
    study = arrive(practice)
    linking.link(study)
    assert linked(step) == (StepState.SCHEDULED, "study_uid", True)
    ScheduledStep.objects.update(state=StepState.IN_PROGRESS)
    linking.complete(study)
    assert linked(step)[0] == StepState.IN_PROGRESS


def test_a_study_that_is_deleted_leaves_its_step(practice: Practice, user: User) -> None:
    step = plan(practice)
    linking.link(arrive(practice))
    lifecycle.delete_study(Principal.of(user), dicoms.STUDY_UID)
    assert linked(step) == (StepState.IN_PROGRESS, "", False)


class TestByHand:
    """What people decide, stays."""

    def test_unlinked_is_not_linked_again(self, practice: Practice, user: User) -> None:
        step, who = plan(practice), Principal.of(user)
        study = arrive(practice)
        linking.link(study)
        linking.unlink(step, who, source="tests")
        linking.link(study)
        assert (linked(step)[2], reason(study)) == (False, Reason.UNLINKED)

    def test_linked_begins_the_step_and_takes_the_study_off_the_list(self, practice: Practice, user: User) -> None:
        steps = [plan(practice), plan(practice)]
        study = arrive(practice)
        linking.link(study)
        linking.link_by_hand(steps[1], study, Principal.of(user), source="tests")
        linking.link(study)
        assert (linked(steps[1]), reason(study)) == (STARTED["hand"], "")
        detail = Event.objects.filter(action=Event.Action.SCHEDULE, actor="nora").values_list("detail", flat=True)
        assert f"step {steps[1].step_id} linked to its study (by hand)" in detail

    def test_set_aside_is_not_listed_again(self, practice: Practice, user: User) -> None:
        plan(practice, patient_id="P2")
        study = arrive(practice)
        linking.link(study)
        linking.set_aside(UnplannedStudy.objects.get(), Principal.of(user), source="tests")
        linking.link(study)
        assert not UnplannedStudy.objects.filter(set_aside_at=None).exists()

    def test_a_step_has_one_study(self, practice: Practice, user: User) -> None:
        step, who = plan(practice), Principal.of(user)
        linking.link(arrive(practice))
        other = arrive(practice, StudyInstanceUID=dicoms.uid(9), SOPInstanceUID=dicoms.uid(9, 1))
        with pytest.raises(Conflict, match="another study"):
            linking.link_by_hand(step, other, who, source="tests")

    def test_only_by_who_plans_and_within_a_practice(self, practice: Practice, other_practice: Practice) -> None:
        step, study = plan(practice), arrive(other_practice)
        viewer = User.objects.create_user("vera", practice=practice)
        give(viewer, practice, Permission.VIEW)
        with pytest.raises(Refused):
            linking.link_by_hand(step, study, Principal.of(viewer), source="tests")
        with pytest.raises(NotFound):
            linking.link_by_hand(step, study, Principal.worker(practice.pk), source="tests")


def test_events_are_told_to_everybody_who_listens() -> None:
    told = [
        receiver[0][0] for signal in (events.stored, events.settled, events.deleted) for receiver in signal.receivers
    ]
    assert {"apps.worklist.stored", "apps.worklist.settled", "apps.worklist.deleted"} <= set(told)
