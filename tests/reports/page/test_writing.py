"""The page on which a report is written: for who may read it, absent for others, with all that its scripts need."""

import json
import re
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.reports.models import Report, Status
from apps.reports.page.words import words
from tests.conftest import client_of
from tests.rights import give

FOLDER = Path(settings.BASE_DIR) / "static" / "fovea" / "reports"
SCRIPTS = "\n".join(path.read_text() for path in sorted(FOLDER.glob("*.js")))


def address(report: Report) -> str:
    return reverse("report", args=[report.pk])


def who_may(practice: Practice, *permissions: Permission) -> Client:
    user = User.objects.create_user("vera", practice=practice)
    give(user, practice, *permissions)
    return client_of(user)


def said(page: str, name: str) -> Any:
    """What the page hands to its scripts."""
    found = re.search(rf'<script id="report-{name}" type="application/json">(.*?)</script>', page)
    assert found
    return json.loads(found[1])


def shown(client: Client, report: Report) -> str:
    answer = client.get(address(report))
    assert answer.status_code == 200
    return answer.content.decode()


def test_who_writes_reports_has_the_page(client: Client, report: Report) -> None:
    page = shown(client, report)
    handed = said(page, "page")
    study = report.study.study_instance_uid
    assert "Doe, Jane" in page
    assert (handed["id"], handed["study"], handed["language"], handed["mayReport"]) == (report.pk, study, "en", True)
    assert handed["addresses"]["report"] == f"/api/reports/{report.pk}"
    assert handed["addresses"]["viewer"] == f"/viewer/viewer?StudyInstanceUIDs={study}"


def test_the_page_may_frame_the_viewer_and_hear_and_nothing_more(client: Client, report: Report) -> None:
    answer = client.get(address(report))
    policy = answer["Content-Security-Policy"]
    assert "frame-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "microphone=(self)" in answer["Permissions-Policy"]
    assert "camera=()" in answer["Permissions-Policy"]
    assert answer["Cache-Control"] == "private, no-store"


def test_what_a_browser_keeps_is_enciphered_for_each_person_and_report(
    client: Client, practice: Practice, report: Report
) -> None:
    key = said(shown(client, report), "page")["key"]
    assert len(b64decode(key)) == 32
    assert said(shown(client, report), "page")["key"] == key
    other = who_may(practice, Permission.VIEW, Permission.REPORT)
    assert said(shown(other, report), "page")["key"] != key


def test_scripts_have_every_word_that_they_say_and_no_others() -> None:
    assert set(re.findall(r"\bwords\.(\w+)", SCRIPTS)) <= set(words())
    statuses = set(Status.values)
    unused = {word for word in words() if not re.search(rf"\bwords\.{word}\b", SCRIPTS)}
    assert unused <= statuses


def test_scripts_find_every_part_of_the_page(client: Client, report: Report) -> None:
    parts = set(re.findall(r' id="([\w-]+)"', shown(client, report)))
    assert set(re.findall(r'getElementById\("([\w-]+)"\)', SCRIPTS)) <= parts
    assert set(re.findall(r'part\("([\w-]+)"\)', SCRIPTS)) <= parts


def test_every_script_is_on_the_page(client: Client, report: Report) -> None:
    page = shown(client, report)
    assert {path.stem for path in FOLDER.glob("*.js")} == set(re.findall(r"fovea/reports/(\w+)\.(?:\w+\.)?js", page))


def test_names_with_markup_are_text(client: Client, report: Report) -> None:
    study = report.study
    study.patient_name = "<script>planted</script>^\u202etxt"
    study.study_description = "</title><img src=x>"
    study.save()
    page = shown(client, report)
    assert "<script>planted" not in page
    assert "<img src=x>" not in page


def test_the_page_speaks_the_readers_language_and_the_report_its_own(client: Client, report: Report) -> None:
    page = client.get(address(report), headers={"Accept-Language": "fr"}).content.decode()
    assert '<html lang="fr">' in page
    assert '<form id="report" lang="en"' in page


def test_a_draft_is_not_there_for_who_only_looks(practice: Practice, report: Report) -> None:
    reader = who_may(practice, Permission.VIEW)
    assert reader.get(address(report)).status_code == 404
    Report.objects.update(status=Status.PRELIMINARY)
    handed = said(shown(reader, report), "page")
    assert handed["mayReport"] is False


def test_another_practices_user_is_told_that_it_is_not_there(stranger_client: Client, report: Report) -> None:
    assert stranger_client.get(address(report)).status_code == 404
    assert stranger_client.get(reverse("report", args=[report.pk + 1])).status_code == 404


def test_nobody_is_led_to_the_sign_in_and_back(anonymous: Client, report: Report) -> None:
    answer = anonymous.get(address(report))
    assert answer.status_code == 302
    assert answer["Location"] == f"/accounts/login/?next={address(report)}"


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_the_page_is_read_and_changes_nothing(client: Client, report: Report, method: str) -> None:
    assert getattr(client, method)(address(report)).status_code == 405
