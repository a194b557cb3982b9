"""What becomes an event: what the store brings, studies that settle, matches, jobs; and what storing pays for it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts.models import Practice, User
from apps.archive import events
from apps.archive.models import Study
from apps.jobs import claims
from apps.jobs.claims import Ending
from apps.jobs.handle import Progress
from apps.jobs.models import Job, State
from apps.practice.linking import deciding
from apps.webhooks import interest, outbox, receptions
from apps.webhooks.models import Delivery, Event, Reception, Webhook
from tests import dicoms
from tests.dicomweb.archive import keep
from tests.practice.appointments.booked import lead_of

pytestmark = pytest.mark.django_db
Let = Callable[[], list[Delivery]]


@pytest.fixture
def told(elsewhere: Webhook) -> Callable[[], list[tuple[str, dict[str, Any]]]]:
    """The events so far, of which nothing is sent."""
    return lambda: list(Event.objects.order_by("pk").values_list("kind", "data"))


def test_the_first_images_of_a_study_are_told_at_once_and_the_rest_together(
    practice: Practice, told: Callable[[], Any]
) -> None:
    keep(practice, *dicoms.ct_series(3)[:1])
    receptions.expand()
    ((kind, data),) = told()
    assert kind == "study.received"
    assert data == {
        "studyInstanceUid": dicoms.STUDY_UID, "modalities": ["CT"], "series": 1, "instances": 1, "newInstances": 1,
        "isFirst": True,
    }  # fmt: skip
    for file in dicoms.ct_series(3)[1:]:
        keep(practice, file)
    receptions.expand()
    assert len(told()) == 1
    Reception.objects.update(due_at=timezone.now())
    receptions.expand()
    assert told()[1][1]["newInstances"] == 2
    assert told()[1][1]["isFirst"] is False
    Reception.objects.update(due_at=timezone.now())
    receptions.expand()
    assert not Reception.objects.exists()
    assert len(told()) == 2


def test_what_is_known_already_is_no_event(practice: Practice, told: Callable[[], Any]) -> None:
    keep(practice, dicoms.ct_slice())
    receptions.expand()
    keep(practice, dicoms.ct_slice())
    Reception.objects.update(due_at=timezone.now())
    receptions.expand()
    assert len(told()) == 1


def test_a_study_that_is_complete_is_told(practice: Practice, told: Callable[[], Any]) -> None:
    keep(practice, dicoms.ct_slice())
    events.settled.send(sender=Study, study=Study.objects.get())
    assert [kind for kind, _ in told()] == ["study.stable"]


def test_whose_a_study_is_is_told(practice: Practice, told: Callable[[], Any]) -> None:
    lead = lead_of(practice, given_name="Jane", family_name="Doe", patient_id="P1", birth_date="1970-01-02", sex="F")
    keep(practice, dicoms.ct_slice())
    deciding.match(Study.objects.get())
    kind, data = told()[-1]
    expected = {"study.matched": lead.pk, "study.needsReview": None, "study.unmatched": None}
    assert (data["studyInstanceUid"], data["leadId"]) == (dicoms.STUDY_UID, expected[kind])


@pytest.mark.parametrize(
    ("is_asked", "state", "is_told"),
    [(True, State.DONE, True), (False, State.DONE, False), (False, State.FAILED, True), (True, State.CANCELLED, True)],
)
def test_a_job_that_somebody_asked_for_is_told_and_every_one_that_failed(
    practice: Practice, user: User, told: Callable[[], Any], is_asked: bool, state: State, is_told: bool
) -> None:
    asker = user if is_asked else None
    job = Job.objects.create(kind="tests", practice=practice, requested_by=asker, state="running", attempts=1)
    claims.settle(job, Ending(state, error="Nobody knows." if state == State.FAILED else "", final=True), Progress())
    assert bool(told()) == is_told
    if is_told:
        assert told()[0][1] == {
            "jobId": job.pk, "kind": "tests", "state": state.value, "requestedById": asker.pk if asker else None,
            "error": "Nobody knows." if state == State.FAILED else "",
        }  # fmt: skip


def test_an_event_is_for_the_webhooks_that_want_it_in_its_practice(
    practice: Practice, other_practice: Practice, elsewhere: Webhook
) -> None:
    more = {"url": elsewhere.url, "secret": elsewhere.secret}
    Webhook.objects.create(practice=practice, name="Others", events=["study.received"], **more)
    Webhook.objects.create(practice=practice, name="Off", events=["study.stable"], is_active=False, **more)
    Webhook.objects.create(practice=other_practice, name="There", events=["study.stable"], **more)
    keep(practice, dicoms.ct_slice())
    events.settled.send(sender=Study, study=Study.objects.get())
    assert [row.webhook for row in Delivery.objects.all()] == [elsewhere]


def test_what_is_rolled_back_was_never_told(practice: Practice, elsewhere: Webhook) -> None:
    with transaction.atomic():
        assert outbox.put(practice.pk, "study.stable", "1.2", {})
        transaction.set_rollback(True)
    assert not Event.objects.exists()


def stored(practice: Practice, number: int) -> int:
    """The statements that storing another slice takes."""
    file = dicoms.ct_slice(SOPInstanceUID=dicoms.uid(1, 1, number))
    with CaptureQueriesContext(connection) as asked:
        keep(practice, file)
    return len(asked)


def test_storing_pays_one_statement_where_a_webhook_wants_to_know_and_none_elsewhere(practice: Practice) -> None:
    stored(practice, 1)
    without = stored(practice, 2)
    Webhook.objects.create(practice=practice, name="A", url="http://127.0.0.1:1/", events=["study.received"])
    interest.practices("study.received")
    assert stored(practice, 3) == without + 1
    Webhook.objects.update(events=["job.finished"])
    interest.forget_all()
    interest.practices("study.received")
    assert stored(practice, 4) == without


def test_a_webhook_that_was_removed_leaves_nothing_to_be_told(practice: Practice, elsewhere: Webhook) -> None:
    keep(practice, dicoms.ct_slice())
    elsewhere.delete()
    receptions.expand()
    assert not Event.objects.exists()
    Reception.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    receptions.expand()
    assert not Reception.objects.exists()
