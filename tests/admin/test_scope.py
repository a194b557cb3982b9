"""Staff of one practice know nothing of another's, and do what they may; who isn't staff knows nothing at all."""

import pytest
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission, Scope
from apps.archive.models import Instance, Patient, Quarantined, Series, Study
from apps.audit.models import Event
from apps.jobs.models import Job
from tests import dicoms
from tests.admin.conftest import StaffWho, store
from tests.rights import give

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
def test_for_staff_of_another_practice_there_is_no_such_thing(other_staff: Client, model: type[Model]) -> None:
    for page in pages(model, "change", "history"):
        assert other_staff.get(page).status_code == 404


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
def test_staff_without_the_permission_delete_nothing(staff_who: StaffWho, model: type[Model]) -> None:
    for page in pages(model, "delete"):
        assert staff_who(Permission.VIEW).post(page, {"post": "yes"}).status_code == 403
    assert Instance.objects.count() == 2


def test_staff_without_the_permission_decide_nothing(staff_who: StaffWho) -> None:
    page = reverse("admin:archive_quarantined_decide", args=[Quarantined.objects.get().pk])
    assert staff_who(Permission.VIEW).post(page, {"decision": "discard"}).status_code == 403
    assert Quarantined.objects.count() == 1


def test_the_record_is_not_for_who_may_look_at_studies(staff_who: StaffWho) -> None:
    assert staff_who(Permission.VIEW).get(reverse("admin:audit_event_changelist")).status_code == 403


def test_an_auditor_sees_the_record_and_nothing_else(staff_who: StaffWho) -> None:
    auditor = staff_who(Permission.AUDIT)
    assert auditor.get(reverse("admin:audit_event_changelist")).status_code == 200
    for page in ("archive_study_changelist", "archive_patient_changelist", "archive_storage", "jobs_job_changelist"):
        assert auditor.get(reverse(f"admin:{page}")).status_code == 403
    first = auditor.get(reverse("admin:index"))
    assert "Doe" not in first.content.decode()
    assert reverse("admin:archive_study_changelist") not in first.content.decode()


def test_who_may_delete_one_study_deletes_no_other(staff_who: StaffWho, practice: Practice) -> None:
    store(practice, dicoms.ct_slice(StudyInstanceUID=dicoms.uid(8), SOPInstanceUID=dicoms.uid(9)))
    careful = staff_who(Permission.VIEW)
    give(User.objects.get(username="stan"), practice, Permission.DELETE, scope=Scope.STUDY, subject=dicoms.uid(8))
    page = reverse("admin:archive_study_changelist")
    chosen = {"action": "delete_selected", "post": "yes"}
    everything = [str(study.pk) for study in Study.objects.all()]
    assert careful.post(page, {**chosen, "_selected_action": everything}).status_code == 403
    assert Study.objects.count() == 2


@pytest.mark.parametrize("page", ["accounts_user_changelist", "accounts_practice_changelist", "accounts_user_add"])
def test_people_are_the_administrators_affair(staff_who: StaffWho, page: str) -> None:
    may = [permission for permission in Permission if permission != Permission.ADMINISTER]
    assert staff_who(*may).get(reverse(f"admin:{page}")).status_code == 403


def test_another_practices_jobs_are_not_on_the_dashboard(other_staff: Client, practice: Practice) -> None:
    Job.objects.create(kind="secret-work", practice=practice, state="failed", error="Broke")
    assert "secret-work" not in other_staff.get(reverse("admin:index")).content.decode()


@pytest.mark.parametrize("page", ["index", "archive_study_changelist", "archive_storage", "audit_event_changelist"])
def test_who_is_not_staff_has_to_sign_in_as_somebody_else(client: Client, user: User, page: str) -> None:
    assert reverse("admin:login") in client.get(reverse(f"admin:{page}"))["Location"]
