"""The bell, the page behind it, and the page of one's own choices."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive.models import Study
from apps.jobs.models import Job
from apps.notifications import personal, reading
from apps.notifications.kinds import Channel, Kind
from apps.notifications.models import Contact, Habits, Notification
from apps.notifications.telling import News, tell
from apps.remotes.models import Remote
from tests.conftest import client_of
from tests.notifications.conftest import Person, settle

LIST = reverse("admin:notifications_notification_changelist")
SETTINGS = reverse("notifications")
TELEGRAM = "tgram://123456789:abcdefghijklmnopqrstuvwxyz012345678/12345"


@pytest.fixture
def reader(person: Person) -> User:
    return person("rhea", Permission.VIEW)


@pytest.fixture
def page(reader: User) -> Client:
    return client_of(reader)


def shown(client: Client, address: str = LIST) -> str:
    return client.get(address).content.decode()


def test_the_bell_counts_what_is_new(page: Client, study: Study) -> None:
    assert "new notification" not in shown(page)
    settle(study)
    assert 'aria-label="1 new notification"' in shown(page)


def test_the_list_names_the_patient_to_who_may_see_the_study(page: Client, reader: User, study: Study) -> None:
    settle(study)
    listed = shown(page)
    for text in ("A new study has arrived.", "Doe, Xanthippe", "CT", "3 images", "North"):
        assert text in listed
    reader.grants.all().delete()
    assert "Xanthippe" not in shown(page)


def test_opening_leads_there_and_counts_as_seen(page: Client, reader: User, study: Study) -> None:
    settle(study)
    row = Notification.objects.get(user=reader)
    answer = page.get(reverse("admin:notifications_notification_open", args=[row.pk]))
    assert answer["Location"] == reverse("admin:archive_study_change", args=[study.pk])
    assert reading.unseen(reader.pk) == 0


def test_anothers_is_not_there(user: User, page: Client, practice: Practice) -> None:
    tell(News(Kind.JOB_FAILED, practice.pk, values={"job": "secret-work"}), [user.pk])
    row = Notification.objects.get()
    assert page.get(reverse("admin:notifications_notification_open", args=[row.pk])).status_code == 404
    assert "secret-work" not in shown(page)
    row.refresh_from_db()
    assert row.seen_at is None


def test_all_that_the_page_showed_can_be_seen(page: Client, reader: User, practice: Practice) -> None:
    for number in range(40):
        tell(News(Kind.JOB_FAILED, practice.pk, str(number), values={"job": f"work {number}"}), [reader.pk])
    answer = page.get(LIST)
    assert "Page 1 of 2" in answer.content.decode()
    until = answer.context["until"].isoformat()
    tell(News(Kind.JOB_FAILED, practice.pk, "later", values={"job": "later"}), [reader.pk])
    page.post(reverse("admin:notifications_notification_seen"), {"until": until})
    assert reading.unseen(reader.pk) == 1


def test_it_takes_as_many_queries_for_many_as_for_few(
    page: Client, reader: User, practice: Practice, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(2):
        tell(News(Kind.NEW_STUDY, practice.pk, str(number), number + 1), [reader.pk])
    page.get(LIST)
    with django_assert_max_num_queries(20) as few:
        page.get(LIST)
    for number in range(15):
        tell(News(Kind.JOB_FAILED, practice.pk, str(number), number + 1, {"job": "x"}), [reader.pk])
    # One more, for the jobs.
    with django_assert_max_num_queries(len(few) + 1):
        page.get(LIST)


def test_each_kind_has_words_and_a_page(page: Client, reader: User, practice: Practice) -> None:
    remote = Remote.objects.create(practice=practice, name="Pano")
    for kind in Kind:
        tell(News(kind, practice.pk, subject=remote.pk if kind == Kind.DEVICE_SILENT else None), [reader.pk])
    who = Principal.of(reader)
    listed = reading.shown(reading.own(who), who)
    assert len(listed) == len(Kind)
    for each in listed:
        assert each.title
        assert each.page.startswith("/admin/")
        assert "no words" not in each.title


def test_the_error_of_a_job_is_told_to_who_may_see_it(page: Client, reader: User, practice: Practice) -> None:
    job = Job.objects.create(kind="work", practice=practice, requested_by=reader, error="The disk is full.")
    tell(News(Kind.JOB_FAILED, practice.pk, "work", job.pk, {"job": "work"}), [reader.pk])
    assert "The disk is full." in shown(page)


def test_one_says_what_one_is_told_of(page: Client, reader: User) -> None:
    form = shown(page, SETTINGS)
    assert 'value="new_study.app" aria-label="New X-ray or study: Here" checked' in form
    assert "device_silent" not in form
    sent = {"wanted": ["new_study.email"], "digest": "daily", "digest_at": "07:30", "quiet_from": "22:00"}
    answer = page.post(SETTINGS, sent | {"quiet_until": "06:00", "time_zone": "Europe/Zurich"})
    assert answer["Location"] == SETTINGS
    wanted = personal.choices(reader.pk)
    assert (wanted[Kind.NEW_STUDY, Channel.APP], wanted[Kind.NEW_STUDY, Channel.EMAIL]) == (False, True)
    # What was not on the page stays as it was.
    assert wanted[Kind.DEVICE_SILENT, Channel.EMAIL]
    row = Habits.objects.get(user=reader)
    assert (row.digest, row.time_zone, f"{row.digest_at:%H:%M}") == ("daily", "Europe/Zurich", "07:30")


def test_quiet_hours_have_two_ends(page: Client) -> None:
    answer = page.post(SETTINGS, {"digest": "never", "quiet_from": "22:00"})
    assert answer.status_code == 400
    assert "from when and until when" in answer.content.decode()
    assert not Habits.objects.exists()


def test_contacts_are_added_tried_and_removed(page: Client, reader: User) -> None:
    page.post(reverse("notifications-contact-add"), {"name": "My phone", "url": TELEGRAM})
    contact = Contact.objects.get(user=reader)
    listed = shown(page, SETTINGS)
    assert "My phone" in listed
    assert "abcdefgh" not in listed
    page.post(reverse("notifications-contact-test", args=[contact.pk]))
    assert Job.objects.get(kind=personal.TEST).parameters == {"contact": contact.pk}
    page.post(reverse("notifications-contact-remove", args=[contact.pk]))
    assert not Contact.objects.exists()


def test_a_contact_that_is_not_allowed_is_refused_with_a_reason(page: Client) -> None:
    answer = page.post(reverse("notifications-contact-add"), {"name": "x", "url": "json://127.0.0.1/"}, follow=True)
    assert "json is not among the services of this site" in answer.content.decode()


def test_anothers_contact_is_not_there(user: User, page: Client) -> None:
    contact = Contact.objects.create(user=user, name="Phone", service="tgram", sealed="x")
    for name in ("test", "remove"):
        assert page.post(reverse(f"notifications-contact-{name}", args=[contact.pk])).status_code == 404
    assert Contact.objects.filter(pk=contact.pk).exists()


def test_nobody_has_to_sign_in_first(anonymous: Client) -> None:
    for address in (SETTINGS, LIST):
        assert anonymous.get(address).status_code == 302
