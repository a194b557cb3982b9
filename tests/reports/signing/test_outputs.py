"""What leaves of a signed report: made once, stored, noted and told once, wherever an attempt ends."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from pytest_django.fixtures import Settings

from apps.accounts.models import Practice, User
from apps.accounts.principal import Principal
from apps.archive.models import Instance
from apps.core.errors import Conflict, NotFound
from apps.core.sealed import seal
from apps.jobs.handle import Cancelled, JobHandle
from apps.jobs.handle import Sign as JobSign
from apps.jobs.models import Job, State
from apps.notifications.kinds import Kind
from apps.notifications.models import Notification
from apps.notifications.reading import shown
from apps.reports import distributing, outputs, states
from apps.reports.models import Distribution, Signature
from apps.sharing import opening
from apps.sharing.models import Share
from apps.webhooks import interest
from apps.webhooks.models import Event, Webhook
from tests.reports.signing.conftest import Sign

pytestmark = pytest.mark.django_db
Stored = Callable[..., Signature]


def test_it_is_printed_sealed_stored_and_noted(sign: Sign, printed: list[str]) -> None:
    row = sign()
    handle = JobHandle(0, 1)
    found = outputs.make(handle, row.pk)
    row.refresh_from_db()
    assert printed == ["printed", "sealed", "stored"]
    pdf = outputs.stored_pdf(row)
    assert pdf is not None
    assert pdf.endswith(b"% sealed\n")
    assert row.pdf_digest == hashlib.sha256(pdf).hexdigest()
    assert row.stored_at is not None
    assert found == {"signature": row.pk, "pdf": row.pdf_instance_uid, "structuredReport": row.sr_instance_uid}
    assert (handle.said.done, handle.said.total) == (100, 100)
    # Again, it does nothing.
    outputs.make(JobHandle(0, 2), row.pk)
    assert len(printed) == 3


def test_a_kill_after_storing_makes_no_other_pdf(
    sign: Sign, printed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    row = sign()
    with monkeypatch.context() as patch:
        patch.setattr(outputs, "_note", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            outputs.make(JobHandle(0, 1), row.pk)
    first = outputs.stored_pdf(row)
    outputs.make(JobHandle(0, 2), row.pk)
    assert printed == ["printed", "sealed", "stored", "stored"]
    assert outputs.stored_pdf(row) == first
    assert Instance.objects.filter(sop_instance_uid=row.pdf_instance_uid).count() == 1
    assert Signature.objects.get().stored_at is not None


def test_what_a_listener_raises_undoes_the_noting(
    sign: Sign, printed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    row = sign()
    with monkeypatch.context() as patch:
        patch.setattr("apps.notifications.audience.of_study", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            outputs.make(JobHandle(0, 1), row.pk)
    assert Signature.objects.get().stored_at is None
    outputs.make(JobHandle(0, 2), row.pk)
    assert Signature.objects.get().stored_at is not None


def test_a_job_that_is_cancelled_stops(sign: Sign, printed: list[str]) -> None:
    handle = JobHandle(0, 1)
    handle.sign = JobSign.CANCEL
    with pytest.raises(Cancelled):
        outputs.make(handle, sign().pk)
    assert printed == []


def test_there_is_nothing_of_no_signature() -> None:
    with pytest.raises(NotFound):
        outputs.make(JobHandle(0, 1), 7)


def test_what_was_left_is_asked_for_again_once_an_hour(sign: Sign) -> None:
    row = sign()
    Job.objects.all().delete()
    distributing.sweep()
    assert not Job.objects.filter(kind="report-outputs").exists()
    Signature._base_manager.update(signed_at=timezone.now() - timedelta(hours=2))
    distributing.sweep()
    job = Job.objects.get(kind="report-outputs")
    assert job.parameters == {"signature": row.pk}
    Job.objects.update(state=State.FAILED)
    distributing.sweep()
    assert Job.objects.filter(kind="report-outputs").count() == 1
    Job.objects.update(created_at=timezone.now() - timedelta(hours=2))
    distributing.sweep()
    assert Job.objects.filter(kind="report-outputs").count() == 2
    Job.objects.all().delete()
    Signature._base_manager.update(signed_at=timezone.now() - timedelta(days=31))
    distributing.sweep()
    assert not Job.objects.filter(kind="report-outputs").exists()
    Signature._base_manager.update(signed_at=timezone.now() - timedelta(hours=2), stored_at=timezone.now())
    distributing.sweep()
    assert not Job.objects.filter(kind="report-outputs").exists()


class TestWebhooks:
    def test_they_are_told_once_of_each_signature(self, practice: Practice, user: User, stored: Stored) -> None:
        events = ["report.signed", "report.amended"]
        Webhook.objects.create(
            practice=practice, name="PMS", url="https://x.example.org/", events=events, secret=seal("whsec_1")
        )
        interest.forget_all()
        first = stored()
        outputs.make(JobHandle(0, 2), first.pk)
        states.amend(Principal.of(user), first.report_id, "Left was right")
        stored()
        told = list(Event.objects.order_by("pk").values_list("kind", flat=True))
        assert [kind for kind in told if kind.startswith("report")] == events
        data = Event.objects.get(kind="report.signed").data
        assert data == {
            "studyInstanceUid": first.report.study.study_instance_uid, "reportId": first.report_id, "signature": 1,
            "digest": first.digest, "pdfDigest": first.pdf_digest, "pdfInstanceUid": first.pdf_instance_uid,
            "reportInstanceUid": first.sr_instance_uid, "signedById": user.pk,
        }  # fmt: skip
        assert "Doe" not in str(data)

    def test_nothing_is_written_where_nobody_wants_it(self, stored: Stored) -> None:
        stored()
        assert not Event.objects.exists()


class TestNotifications:
    def test_who_sees_the_study_is_told_but_for_who_signed(
        self, practice: Practice, user: User, colleague: User, stranger: User, stored: Stored
    ) -> None:
        row = stored()
        told = Notification.objects.filter(kind=Kind.REPORT_SIGNED)
        assert [each.user for each in told] == [colleague]
        (said,) = shown(told, Principal.of(colleague))
        assert (said.title, said.page) == ("A report has been signed.", f"/reports/{row.report_id}/")
        assert said.facts[0] == "Doe, Jane"
        (hidden,) = shown(told, Principal.of(stranger))
        assert (hidden.facts, hidden.page) == ((), "")


class TestMail:
    @pytest.fixture(autouse=True)
    def sending(self, settings: Settings) -> None:
        settings.EMAIL_IS_SENT, settings.PUBLIC_URL = True, "https://fovea.example.org"
        settings.ALLOWED_HOSTS = ["*"]

    @pytest.fixture
    def referrer(self, practice: Practice) -> Distribution:
        return Distribution.objects.create(practice=practice, email="otto@example.org", days=500)

    def due(self) -> list[dict[str, Any]]:
        return [job.parameters for job in Job.objects.filter(kind="report-mail").order_by("pk")]

    def test_a_link_that_opens_the_study_and_names_nobody(self, referrer: Distribution, stored: Stored) -> None:
        row = stored()
        assert self.due() == [{"signature": row.pk, "distribution": referrer.pk}]
        assert distributing.send(JobHandle(0, 1), row.pk, referrer.pk) == 1
        (sent,) = mail.outbox
        assert (sent.to, sent.subject) == (["otto@example.org"], "North: a report for you")
        for word in ("Doe", "Jane", "chest", row.report.study.study_instance_uid):
            assert word not in sent.body
        secret = sent.body.partition("https://fovea.example.org/s/")[2].split()[0]
        share = opening.find(secret)
        assert share.study == row.report.study
        # As long as a link may open at most.
        assert share.expires_at < timezone.now() + timedelta(days=91)
        assert share.recipient == "otto@example.org"
        row.refresh_from_db()
        assert row.distributed_at is not None

    def test_sending_again_makes_no_second_share(self, referrer: Distribution, stored: Stored) -> None:
        row = stored()
        for attempt in (1, 2):
            distributing.send(JobHandle(0, attempt), row.pk, referrer.pk)
        assert Share.objects.count() == 1
        secret = mail.outbox[-1].body.partition("/s/")[2].split()[0]
        assert opening.find(secret) == Share.objects.get()

    def test_an_amendment_says_that_it_takes_the_place(
        self, referrer: Distribution, user: User, stored: Stored
    ) -> None:
        first = stored()
        states.amend(Principal.of(user), first.report_id, "Jane has two")
        row = stored()
        distributing.send(JobHandle(0, 1), row.pk, referrer.pk)
        assert "takes the place" in mail.outbox[0].body
        assert "Jane" not in mail.outbox[0].body

    @pytest.mark.parametrize(("named", "count"), [("Ray^Xavier", 1), ("RAY^xavier", 1), ("Ray^Xenia", 0)])
    def test_only_who_has_referred_the_study(
        self, referrer: Distribution, stored: Stored, named: str, count: int
    ) -> None:
        Distribution.objects.update(referring_physician=named)
        from apps.archive.models import Study

        Study.objects.update(referring_physician_key="ray^xavier")
        stored()
        assert len(self.due()) == count

    def test_nobody_else_is_told(
        self, referrer: Distribution, other_practice: Practice, stored: Stored, settings: Settings
    ) -> None:
        Distribution.objects.create(practice=other_practice, email="there@example.org")
        Distribution.objects.create(practice=referrer.practice, email="off@example.org", is_active=False)
        row = stored()
        assert len(self.due()) == 1
        for pk in Distribution.objects.exclude(pk=referrer.pk).values_list("pk", flat=True):
            with pytest.raises(NotFound):
                distributing.send(JobHandle(0, 1), row.pk, pk)
        settings.EMAIL_IS_SENT = False
        with pytest.raises(Conflict):
            distributing.send(JobHandle(0, 1), row.pk, referrer.pk)
        assert mail.outbox == []

    def test_a_site_without_mail_asks_for_none(
        self, referrer: Distribution, stored: Stored, settings: Settings
    ) -> None:
        settings.PUBLIC_URL = ""
        stored()
        assert self.due() == []
