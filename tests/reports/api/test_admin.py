"""Reports in the admin: what waits, what was written, phrases, and a study's own page."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.archive.models import Study
from apps.reports.models import Phrase, Report, Status
from tests.conftest import client_of
from tests.reports.drafts.made import begin
from tests.rights import give

pytestmark = pytest.mark.django_db
TO_WRITE = "admin:reports_studytoreport_changelist"
WRITTEN = "admin:reports_report_changelist"
PHRASES = "admin:reports_phrase_changelist"


def staff(practice: Practice, name: str, *permissions: Permission) -> Client:
    user = User.objects.create_user(name, password="correct horse battery", practice=practice, is_staff=True)
    give(user, practice, *permissions)
    return client_of(user)


@pytest.fixture
def client(practice: Practice) -> Client:
    """A reporter in the admin."""
    return staff(practice, "rita")


@pytest.fixture
def old(study: Study) -> Study:
    """Nothing has come of the study for an hour."""
    came = timezone.now() - timedelta(hours=30)
    Study.objects.filter(pk=study.pk).update(received_at=came, updated_at=came)
    return study


def page(client: Client, name: str, *arguments: Any, **filters: str) -> str:
    answer = client.get(reverse(name, args=arguments), filters)
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def test_what_waits_is_written_from_the_list(client: Client, old: Study):
    shown = page(client, TO_WRITE)
    assert f"/reports/new?study={old.study_instance_uid}" in shown
    assert "Doe, Jane" in shown
    assert "Not begun" in shown
    assert "Doe, Jane" not in page(client, TO_WRITE, which="mine")
    report = begin(client, old)
    assert f"/reports/{report['id']}/" in page(client, TO_WRITE, which="mine")
    assert "Doe, Jane" not in page(client, TO_WRITE, which="unread")
    assert client.get(reverse("admin:reports_studytoreport_change", args=[old.pk])).status_code == 302


def test_how_long_reports_took_is_shown(client: Client, old: Study):
    report = begin(client, old)
    Report.objects.filter(pk=report["id"]).update(status=Status.FINAL, signed_at=old.received_at + timedelta(hours=3))
    assert "From the first image to the signature" in page(client, TO_WRITE)


def test_reports_are_listed_for_who_may_read_them(client: Client, practice: Practice, old: Study):
    report = begin(client, old)
    viewer = staff(practice, "vera", Permission.VIEW)
    assert f"/reports/{report['id']}/" in page(client, WRITTEN)
    assert f"/reports/{report['id']}/" not in page(viewer, WRITTEN)
    assert viewer.get(reverse(TO_WRITE)).status_code == 403
    Report.objects.update(status=Status.PRELIMINARY)
    assert f"/reports/{report['id']}/" in page(viewer, WRITTEN)


def test_a_studys_page_has_its_reports(client: Client, practice: Practice, old: Study):
    address = "admin:archive_study_change"
    assert "Nobody has reported this study yet." in page(client, address, old.pk)
    assert 'id="reports"' not in page(staff(practice, "vera", Permission.VIEW), address, old.pk)
    report = begin(client, old)
    assert f"/reports/{report['id']}/" in page(client, address, old.pk)


def test_others_see_nothing(other_practice: Practice, client: Client, old: Study):
    begin(client, old)
    stranger = staff(other_practice, "sven")
    for name in (TO_WRITE, WRITTEN):
        assert "Doe, Jane" not in page(stranger, name)


def test_phrases_are_added_and_changed(client: Client, practice: Practice):
    given = {"practice": practice.pk, "language": "en", "name": "normal", "text": "Clear.", "is_shared": "on"}
    assert client.post(reverse("admin:reports_phrase_add"), given).status_code == 302
    shared = Phrase.objects.get()
    assert (shared.user, shared.text) == (None, "Clear.")
    writer = staff(practice, "will", Permission.VIEW, Permission.REPORT)
    assert "normal" in page(writer, PHRASES)
    address = reverse("admin:reports_phrase_change", args=[shared.pk])
    writer.post(address, {**given, "text": "Mine."})
    assert Phrase.objects.get().text == "Clear."
    assert client.post(address, {**given, "text": "All clear."}).status_code == 302
    assert Phrase.objects.get().text == "All clear."
    assert writer.post(reverse("admin:reports_phrase_add"), {**given, "is_shared": ""}).status_code == 302
    assert Phrase.objects.filter(user__username="will").exists()
    assert "Mine" not in page(client, PHRASES)
