"""Who is told of what, and how often."""

from typing import Any

import pytest

from apps.accounts.models import Grant, Practice, User
from apps.accounts.permissions import Permission, Scope
from apps.archive.models import Assignment, Study
from apps.archive.outcomes import Origin, Status
from apps.jobs import events as jobs
from apps.jobs.models import Job, State
from apps.notifications import receivers, tasks, telling
from apps.notifications.kinds import Channel, Kind
from apps.notifications.models import Delivery, Notification
from apps.notifications.personal import choose
from apps.notifications.telling import News
from apps.practice import events as practice_events
from apps.practice.models import Match, MatchState
from tests import dicoms
from tests.dicomweb.archive import keep
from tests.notifications.conftest import Person, settle, told
from tests.rights import give


def test_those_who_may_look_are_told_of_a_study(user: User, stranger: User, person: Person, study: Study) -> None:
    clerk = person("clerk", Permission.UPLOAD)
    settle(study)
    assert (told(user), told(stranger), told(clerk)) == ([Kind.NEW_STUDY], [], [])


def test_many_slices_in_many_parts_are_one_notification(practice: Practice, user: User, study: Study) -> None:
    settle(study)
    for number in range(4, 9):
        keep(practice, dicoms.ct_slice(SOPInstanceUID=dicoms.uid(1, 1, number), PatientName="Doe^Xanthippe"))
        settle(study)
    Notification.objects.update(seen_at="2026-01-01T00:00:00Z")
    settle(study)
    assert told(user) == [Kind.NEW_STUDY]


def test_whoever_stored_it_knows(user: User, study: Study) -> None:
    study.stored_by = user
    settle(study)
    assert told(user) == []


def test_a_doctor_is_told_of_the_own_patients_alone(practice: Practice, person: Person, study: Study) -> None:
    doctor = person("dora", Permission.VIEW, scope=Scope.PATIENTS)
    other = person("otto", Permission.VIEW, scope=Scope.PATIENTS)
    Assignment.objects.create(patient=study.patient, user=doctor)
    settle(study)
    assert (told(doctor), told(other)) == ([Kind.NEW_STUDY], [])


def test_relatives_are_told_nothing(practice: Practice, study: Study) -> None:
    relative = User.objects.create_user("rita")
    uid = study.study_instance_uid
    give(relative, practice, Permission.VIEW, scope=Scope.STUDY, subject=uid, origin=Grant.Origin.FAMILY)
    settle(study)
    assert told(relative) == []


def test_a_flood_of_studies_is_told_together(practice: Practice, user: User) -> None:
    for number in range(telling.APART + 30):
        telling.tell(News(Kind.NEW_STUDY, practice.pk, str(number), number), [user.pk])
    rows = Notification.objects.filter(user=user).order_by("pk")
    assert len(rows) == telling.APART + 1
    assert (rows[telling.APART].subject, rows[telling.APART].count) == (None, 30)


def test_what_waits_is_counted_and_leaves_once(practice: Practice, user: User) -> None:
    User.objects.filter(pk=user.pk).update(email="nora@example.org")
    choose(user.pk, {(Kind.JOB_FAILED, Channel.EMAIL): True})
    for number in range(3):
        telling.tell(News(Kind.JOB_FAILED, practice.pk, "work", number, {"job": "work"}), [user.pk])
    assert Notification.objects.get().count == 3
    assert Delivery.objects.count() == 1
    Notification.objects.update(seen_at="2026-01-01T00:00:00Z")
    telling.tell(News(Kind.JOB_FAILED, practice.pk, "work", 4, {"job": "work"}), [user.pk])
    assert Notification.objects.count() == Delivery.objects.count() == 2


def test_who_wants_nothing_by_any_channel_has_no_row(practice: Practice, user: User) -> None:
    choose(user.pk, {(Kind.JOB_FAILED, channel): False for channel in Channel})
    assert telling.tell(News(Kind.JOB_FAILED, practice.pk), [user.pk]) == 0
    assert told(user) == []


def test_a_failed_job_is_told_to_who_asked_and_who_administers(
    practice: Practice, user: User, person: Person, stranger: User
) -> None:
    asker, viewer = person("anna", Permission.VIEW), person("vera", Permission.VIEW)
    job = Job.objects.create(kind="work", practice=practice, requested_by=asker, error="No room.")
    end(job, State.DONE)
    assert told(asker) == []
    end(job, State.FAILED)
    assert [told(each) for each in (asker, user, viewer, stranger)] == [[Kind.JOB_FAILED], [Kind.JOB_FAILED], [], []]


def test_its_own_jobs_are_not_told_of(practice: Practice, user: User) -> None:
    end(Job.objects.create(kind="notification-send"), State.FAILED)
    assert not Notification.objects.exists()


def test_a_job_of_the_site_is_told_to_superusers(user: User, person: Person) -> None:
    boss = person("bea")
    User.objects.filter(pk=boss.pk).update(is_superuser=True)
    end(Job.objects.create(kind="upkeep"), State.FAILED)
    assert (told(boss), told(user)) == ([Kind.JOB_FAILED], [])


def test_what_needs_review_is_told_to_who_decides(person: Person, study: Study) -> None:
    clerk, viewer = person("clerk", Permission.MERGE), person("vera", Permission.VIEW)
    match = Match.objects.create(practice=study.practice, study=study, state=MatchState.LINKED)
    matched(study)
    assert told(clerk) == []
    Match.objects.filter(pk=match.pk).update(state=MatchState.REVIEW)
    matched(study)
    matched(study)
    assert (told(clerk), told(viewer)) == ([Kind.NEEDS_REVIEW], [])
    assert Notification.objects.get(user=clerk).count == 2


def test_quarantine_is_told_by_a_job(practice: Practice, person: Person) -> None:
    editor = person("edda", Permission.EDIT)
    origin = Origin("test", practice.pk, "test")
    receivers.on_stored(statuses=[Status.STORED], origin=origin)
    assert not Job.objects.filter(kind=receivers.QUARANTINED).exists()
    receivers.on_stored(statuses=[Status.QUARANTINED] * 5, origin=origin)
    receivers.on_stored(statuses=[Status.QUARANTINED] * 5, origin=origin)
    job = Job.objects.get(kind=receivers.QUARANTINED)
    tasks.notification_quarantine(None, **job.parameters)
    assert told(editor) == [Kind.NEEDS_REVIEW]


def test_the_quota_is_told_to_who_administers(practice: Practice, user: User, person: Person) -> None:
    viewer = person("vera", Permission.VIEW)
    receivers.on_nearly_full(practice_id=practice.pk, used=91, quota=100)
    assert (told(user), told(viewer)) == ([Kind.QUOTA], [])
    assert Notification.objects.get().values == {"percent": 91}


def test_apps_beside_it_tell_by_a_signal(practice: Practice, user: User, stranger: User) -> None:
    values = {"name": "PMS", "reason": "It has taken nothing for five days."}
    noteworthy(kind="webhook_paused", practice_id=practice.pk, values=values, key="7")
    assert (told(user), told(stranger)) == ([Kind.WEBHOOK_PAUSED], [])
    with pytest.raises(ValueError, match="no_such_kind"):
        noteworthy(kind="no_such_kind", practice_id=practice.pk, values={})


def end(job: Job, state: State) -> None:
    facts: dict[str, Any] = {"job_pk": job.pk, "kind": job.kind, "state": state}
    facts |= {"practice_id": job.practice_id, "requested_by_id": job.requested_by_id}
    jobs.ended.send(sender=Job, **facts)


def matched(study: Study) -> None:
    practice_events.matched.send(sender=Match, practice_id=study.practice_id, study_pks={study.pk})


def noteworthy(**told_of: Any) -> None:
    practice_events.noteworthy.send(sender=object, **told_of)
