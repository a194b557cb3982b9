"""Staff of one practice know nothing of another's; who isn't staff knows nothing at all."""

import pytest
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Practice, User
from apps.archive.models import Instance, Patient, Quarantined, Series, Study
from apps.audit.models import Event
from apps.jobs.models import Job
from tests import dicoms
from tests.admin.conftest import store

MODELS = [Study, Series, Instance, Patient, Quarantined, Event]
DELETABLE = [Study, Series, Instance]


@pytest.fixture(autouse=True)
def stored(practice: Practice, study: Study) -> None:
    """A study with a quarantined object in the first practice, and what was recorded of them."""
    store(practice, dicoms.ct_slice(SliceThickness="9"))


def pages(model: type[Model], *kinds: str) -> list[str]:
    row = model._default_manager.order_by("pk").first()
    assert row is not None
    return [reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_{kind}", args=[row.pk]) for kind in kinds]


@pytest.mark.parametrize("model", MODELS)
def test_staff_see_what_is_their_practices(staff: Client, model: type[Model]) -> None:
    assert [staff.get(page).status_code for page in pages(model, "change")] == [200]


@pytest.mark.parametrize("model", MODELS)
def test_staff_of_another_practice_are_sent_away(other_staff: Client, model: type[Model]) -> None:
    for page in pages(model, "change", "history"):
        answer = other_staff.get(page)
        assert answer.status_code == 302
        assert answer["Location"] == reverse("admin:index")


@pytest.mark.parametrize("model", MODELS)
def test_lists_are_empty_for_another_practice(other_staff: Client, model: type[Model]) -> None:
    page = reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_changelist")
    content = other_staff.get(page).content.decode()
    assert "Doe" not in content
    assert dicoms.STUDY_UID not in content


def test_dashboard_and_storage_are_empty_for_another_practice(other_staff: Client) -> None:
    for page in ("admin:index", "admin:archive_storage"):
        content = other_staff.get(reverse(page)).content.decode()
        assert "Doe" not in content
        assert "North" not in content


def test_the_practice_filter_names_no_other_practice(staff: Client, other_practice: Practice) -> None:
    store(other_practice, dicoms.ct_slice(PatientName="Southern^Sue", StudyInstanceUID=dicoms.uid(7)))
    content = staff.get(reverse("admin:archive_study_changelist"), {"practice": other_practice.pk}).content.decode()
    assert "South" not in content


def test_a_filter_by_a_hidden_row_finds_nothing(other_staff: Client) -> None:
    patient = Patient.objects.get()
    query = {"patient__id__exact": patient.pk}
    content = other_staff.get(reverse("admin:archive_study_changelist"), query, follow=True).content.decode()
    assert "Doe" not in content


@pytest.mark.parametrize("model", DELETABLE)
def test_staff_without_the_permission_delete_nothing(staff: Client, model: type[Model]) -> None:
    for page in pages(model, "delete"):
        assert staff.post(page, {"post": "yes"}).status_code == 403
    assert Instance.objects.count() == 2


def test_staff_without_the_permission_decide_nothing(staff: Client) -> None:
    page = reverse("admin:archive_quarantined_decide", args=[Quarantined.objects.get().pk])
    assert staff.post(page, {"decision": "discard"}).status_code == 403
    assert Quarantined.objects.count() == 1


@pytest.mark.parametrize("page", ["accounts_user_changelist", "accounts_practice_changelist", "accounts_user_add"])
def test_people_are_the_superusers_affair(staff: Client, page: str) -> None:
    assert staff.get(reverse(f"admin:{page}")).status_code == 403


def test_another_practices_jobs_are_not_on_the_dashboard(other_staff: Client, practice: Practice) -> None:
    Job.objects.create(kind="secret-work", practice=practice, state="failed", error="Broke")
    assert "secret-work" not in other_staff.get(reverse("admin:index")).content.decode()


@pytest.mark.parametrize("page", ["index", "archive_study_changelist", "archive_storage", "audit_event_changelist"])
def test_who_is_not_staff_has_to_sign_in_as_somebody_else(client: Client, user: User, page: str) -> None:
    assert reverse("admin:login") in client.get(reverse(f"admin:{page}"))["Location"]
