"""E-mail: what is in it, in whose language, when it is sent, and what becomes of what can't be sent."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.archive.models import Study
from apps.audit.models import Event
from apps.jobs.handle import JobHandle
from apps.jobs.models import Job
from apps.notifications import mailing, personal, sending, watching
from apps.notifications.kinds import Channel, Kind
from apps.notifications.models import Delivery, DeliveryState, Digest, Habits, Notification, Policy
from apps.notifications.telling import News, tell
from tests.notifications.conftest import Person, settle
from tests.notifications.servers import MailServer, running


@pytest.fixture
def reader(person: Person, mail_site: Settings) -> User:
    """Somebody who wants e-mail about new studies and failed jobs."""
    made = person("rhea", Permission.VIEW)
    personal.choose(made.pk, {(kind, Channel.EMAIL): True for kind in (Kind.NEW_STUDY, Kind.JOB_FAILED)})
    return made


@pytest.fixture
def mail_server(settings: Settings) -> Iterator[MailServer]:
    server = MailServer()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
    settings.EMAIL_TIMEOUT = 10
    with running(server):
        yield server


def send(user: User) -> sending.Sent:
    return sending.send(JobHandle(1, 1), user.pk)


def test_it_arrives_in_text_and_html_without_the_patient(reader: User, study: Study, mail_server: MailServer) -> None:
    settle(study)
    assert send(reader) == sending.Sent(1, 0)
    (message,) = mail_server.messages
    assert (message["To"], message["Subject"]) == ("rhea@example.org", "North: A new study has arrived.")
    text, html = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
    for body in (text, html):
        assert f"https://fovea.example.org/admin/archive/study/{study.pk}/change/" in body
        assert "A new study has arrived." in body
    assert '<html lang="en">' in html
    for secret in ("Xanthippe", study.study_instance_uid, study.patient_identifier):
        assert secret not in str(message)
    assert Delivery.objects.get().state == DeliveryState.SENT


def test_it_names_the_patient_where_the_practice_lets_it(reader: User, study: Study) -> None:
    Policy.objects.create(practice=study.practice, by_email=True)
    settle(study)
    send(reader)
    assert "Doe, Xanthippe" in mail.outbox[0].body
    event = Event.objects.filter(action=Event.Action.SEND).latest("pk")
    assert event.study_instance_uid == study.study_instance_uid
    assert "Xanthippe" not in event.detail


def test_leave_for_chat_is_none_for_email(reader: User, study: Study) -> None:
    Policy.objects.create(practice=study.practice, by_chat=True)
    settle(study)
    send(reader)
    assert "Xanthippe" not in mail.outbox[0].body


def test_who_may_not_see_the_study_any_more_reads_no_name(reader: User, study: Study) -> None:
    Policy.objects.create(practice=study.practice, by_email=True)
    settle(study)
    reader.grants.all().delete()
    send(reader)
    assert "Xanthippe" not in mail.outbox[0].body


def test_the_error_of_a_job_stays_here(practice: Practice, reader: User) -> None:
    job = Job.objects.create(kind="work", practice=practice, requested_by=reader, error="Doe Xanthippe.dcm is cut.")
    tell(News(Kind.JOB_FAILED, practice.pk, "work", job.pk, {"job": "work"}), [reader.pk])
    send(reader)
    assert "A job failed: work." in mail.outbox[0].body
    assert "Xanthippe" not in mail.outbox[0].body


def test_a_job_that_asks_is_made_each_minute_for_what_is_due(reader: User, study: Study) -> None:
    settle(study)
    watching.send_what_is_due()
    watching.send_what_is_due()
    (job,) = Job.objects.filter(kind=sending.SEND)
    assert job.parameters == {"user": reader.pk}


def test_a_digest_is_one_message_at_its_time(practice: Practice, reader: User) -> None:
    Habits.objects.create(user=reader, digest=Digest.DAILY, time_zone="Europe/Zurich")
    with time_machine.travel("2026-06-15T10:00:00Z", tick=False) as clock:
        for number in range(3):
            tell(News(Kind.JOB_FAILED, practice.pk, f"work-{number}", number, {"job": "work"}), [reader.pk])
        assert send(reader) == sending.Sent(0, 0)
        clock.move_to("2026-06-16T06:00:00Z")
        assert send(reader) == sending.Sent(3, 0)
    (message,) = mail.outbox
    assert message.subject == "North: 3 notifications"


def test_what_was_seen_meanwhile_is_not_sent(reader: User, study: Study) -> None:
    settle(study)
    Notification.objects.update(seen_at=timezone.now())
    assert send(reader) == sending.Sent(0, 0)
    assert not mail.outbox
    assert not Delivery.objects.exists()


def test_what_is_refused_is_tried_again_less_and_less_often(
    reader: User, study: Study, mail_server: MailServer
) -> None:
    settle(study)
    mail_server.refuses = True
    assert send(reader) == sending.Sent(0, 1)
    waiting = Delivery.objects.get()
    assert waiting.state == DeliveryState.WAITING
    assert waiting.error == "The mail server can't be reached, or did not take it."
    assert send(reader) == sending.Sent(0, 0)
    Delivery.objects.update(due_at=timezone.now())
    send(reader)
    assert Delivery.objects.get().due_at > timezone.now() + timedelta(minutes=9)
    mail_server.refuses = False
    Delivery.objects.update(due_at=timezone.now())
    assert send(reader) == sending.Sent(1, 0)
    assert len(mail_server.messages) == 1


def test_in_the_end_it_is_given_up(reader: User, study: Study, mail_server: MailServer) -> None:
    settle(study)
    mail_server.refuses = True
    Delivery.objects.update(attempts=sending.ATTEMPTS - 1)
    send(reader)
    assert Delivery.objects.get().state == DeliveryState.FAILED


def test_it_is_in_the_readers_language(reader: User, study: Study) -> None:
    User.objects.filter(pk=reader.pk).update(language="fr")
    settle(study)
    send(reader)
    html = mail.outbox[0].alternatives[0][0]
    assert '<html lang="fr">' in str(html)


def test_a_strange_name_breaks_no_header(practice: Practice, person: Person, mail_site: Settings) -> None:
    boss = person("bea")
    values = {"device": "Pano\r\nBcc: all@example.org <b>", "hours": 3}
    tell(News(Kind.DEVICE_SILENT, practice.pk, "1", 1, values), [boss.pk])
    send(boss)
    (message,) = mail.outbox
    assert message.recipients() == ["bea@example.org"]
    assert message.subject == "North: Pano Bcc: all@example.org <b> is silent."
    assert "&lt;b&gt;" in str(message.alternatives[0][0])


def test_its_link_ends_it_without_a_sign_in(reader: User, study: Study, anonymous: Client) -> None:
    settle(study)
    send(reader)
    headers = mail.outbox[0].extra_headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = headers["List-Unsubscribe"].strip("<>").removeprefix("https://fovea.example.org")
    assert "Send me no more e-mail" in anonymous.get(path).content.decode()
    assert personal.choices(reader.pk)[Kind.NEW_STUDY, Channel.EMAIL]
    client = Client(enforce_csrf_checks=True)
    assert client.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    wanted = personal.choices(reader.pk)
    assert not any(wanted[kind, Channel.EMAIL] for kind in Kind)
    assert wanted[Kind.NEW_STUDY, Channel.APP]


def test_a_forged_link_ends_nothing(reader: User, anonymous: Client) -> None:
    path = mailing.stop_path(reader.pk)
    assert anonymous.post(path.replace("stop/", "stop/1")).status_code == 404
    assert personal.choices(reader.pk)[Kind.NEW_STUDY, Channel.EMAIL]
