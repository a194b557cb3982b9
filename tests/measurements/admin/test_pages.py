"""Measurements in the admin: the list, the page of one, the panels of a study and a patient, and who sees them."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Practice, User
from apps.archive.models import Patient, Study
from apps.audit import access
from apps.audit.models import Event
from apps.measurements.content import concepts
from apps.measurements.models import Measurement, MeasurementReport
from apps.measurements.templatetags import measurements as tags
from tests import dicoms
from tests.conftest import client_of
from tests.measurements.measured import LIVER, group, length, report, store, value, verified

pytestmark = pytest.mark.django_db
LIST = reverse("admin:measurements_measurement_changelist")


def staff(user: User) -> Client:
    user.is_staff = True
    user.save()
    return client_of(user)


@pytest.fixture
def admin(user: User) -> Client:
    return staff(user)


@pytest.fixture
def elsewhere(stranger: User) -> Client:
    return staff(stranger)


@pytest.fixture
def years(practice: Practice) -> None:
    """The same tumour in two years, and an area without a name."""
    area = value(12.345, concepts.AREA, concepts.SQUARE_MILLIMETRE)
    unnamed = group(area, tool="CircleROI", tracking=dicoms.uid(5, 9))
    first = report(length(50.0, label="Tumour", site=LIVER), unnamed, study=dicoms.uid(2023), StudyDate="20230601")
    second = report(
        length(40.0, label="Tumour"), study=dicoms.uid(2024), StudyDate="20240601", ContentDate="20240602", **verified()
    )
    store(practice, first, second)


def page_of(kind: str, pk: int) -> str:
    return reverse(f"admin:{kind}_change", args=[pk])


def words(client: Client, address: str, **asked: Any) -> str:
    """What a page says, its markup taken out."""
    answer = client.get(address, asked)
    assert answer.status_code == 200, answer.content
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def markup(client: Client, address: str) -> str:
    return str(client.get(address).content.decode())


def test_a_study_shows_what_was_measured_in_it(admin: Client, years: None) -> None:
    study = Study.objects.get(study_date="20230601")
    page = words(admin, page_of("archive_study", study.pk))
    assert "Tumour · Liver Length 50 mm" in page
    assert "12.35 mm²" in page
    assert "40 mm" not in page
    assert f"format=csv&amp;study={study.study_instance_uid}" in markup(admin, page_of("archive_study", study.pk))


def test_a_study_without_any_shows_no_panel(admin: Client, practice: Practice) -> None:
    store(practice, dicoms.ct_slice())
    assert 'id="measurements"' not in markup(admin, page_of("archive_study", Study.objects.get().pk))


def test_a_study_with_many_shows_the_newest(admin: Client, years: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tags, "NEWEST", 1)
    page = words(admin, page_of("archive_study", Study.objects.get(study_date="20230601").pk))
    assert "All measurements of this study" in page


def test_a_patient_shows_what_was_measured_twice_over_time(admin: Client, years: None) -> None:
    patient = Patient.objects.get().pk
    page = markup(admin, page_of("archive_patient", patient))
    (label,) = re.findall(r'role="img" aria-label="([^"]*)"', page)
    assert label.startswith("Tumour · Length over time: ")
    assert re.search(r": 50 mm; .*: 40 mm$", label)
    assert page.count("<circle") == 2
    assert page.count('class="unverified"') == 1
    assert f"?patient={patient}" in page


def test_a_patient_of_whom_nothing_was_measured_twice(admin: Client, practice: Practice) -> None:
    store(practice, report(length(50.0)))
    assert "Nothing was measured twice yet." in words(admin, page_of("archive_patient", Patient.objects.get().pk))


def test_a_measurement_has_a_page_with_all_digits_and_its_line(admin: Client, years: None) -> None:
    words(admin, page_of("archive_patient", Patient.objects.get().pk))
    row = Measurement.objects.get(value=50.0)
    page = words(admin, page_of("measurements_measurement", row.pk))
    for said in ("Tumour · Liver", "50.0 mm", "SCT 410668003", "Ray, Xavier", "Over time", "40 mm", row.tracking_uid):
        assert said in page
    assert Measurement.objects.get(value=40.0).report.is_verified
    assert "Verified by Ray, Xavier" in words(admin, page_of("measurements_measurement", row.pk + 2))
    area = Measurement.objects.get(value=12.345)
    page = words(admin, page_of("measurements_measurement", area.pk))
    assert "12.345 mm2" in page
    assert "Over time" not in page


def test_what_a_machine_has_measured_says_so(admin: Client, years: None) -> None:
    words(admin, page_of("archive_patient", Patient.objects.get().pk))
    MeasurementReport.objects.update(is_machine_made=True, is_verified=False)
    row = Measurement.objects.get(value=50.0)
    assert "nobody has verified it" in words(admin, page_of("measurements_measurement", row.pk))
    assert "Unverified, by a machine" in words(admin, LIST)


def test_the_list_and_its_filters(admin: Client, years: None) -> None:
    patient = Patient.objects.get().pk
    words(admin, page_of("archive_patient", patient))
    cases = (
        ({}, 3), ({"patient": patient}, 3), ({"patient": 999_999}, 0), ({"patient": "x"}, 0),
        ({"concept": "410668003"}, 2), ({"standing": "verified"}, 1), ({"standing": "person"}, 2),
        ({"standing": "machine"}, 0), ({"q": "Tumour"}, 2), ({"q": "liver"}, 1), ({"q": "doe"}, 3),
        ({"q": dicoms.uid(2024)}, 1),
    )  # fmt: skip
    for asked, count in cases:
        answer = admin.get(LIST, asked)
        assert answer.status_code == 200, asked
        assert len(answer.context["cl"].result_list) == count, asked


def test_others_see_nothing(years: None, admin: Client, elsewhere: Client, anonymous: Client) -> None:
    patient = Patient.objects.get().pk
    words(admin, page_of("archive_patient", patient))
    row = Measurement.objects.first()
    assert row is not None
    assert len(elsewhere.get(LIST).context["cl"].result_list) == 0
    assert len(elsewhere.get(LIST, {"patient": patient}).context["cl"].result_list) == 0
    assert elsewhere.get(page_of("measurements_measurement", row.pk)).status_code == 404
    for address in (LIST, page_of("measurements_measurement", row.pk)):
        assert anonymous.get(address).status_code == 302


def test_looking_is_on_record(admin: Client, years: None) -> None:
    words(admin, page_of("archive_patient", Patient.objects.get().pk))
    words(admin, page_of("measurements_measurement", Measurement.objects.get(value=50.0).pk))
    words(admin, LIST, q="Tumour")
    access.flush()
    assert Event.objects.filter(action=Event.Action.ACCESS, source="a measurement").exists()
    assert Event.objects.get(action=Event.Action.QUERY, source="measurements").detail == "q"
