"""The list of studies, and the pages of a study, its series and instances."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import Practice
from apps.archive.models import Instance, Series, Study
from tests import dicoms
from tests.admin.conftest import store, store_studies

LIST = reverse("admin:archive_study_changelist")


def names(client: Client, query: str) -> str:
    return client.get(LIST, {"q": query}).content.decode()


def page_of(study: Study) -> str:
    return reverse("admin:archive_study_change", args=[study.pk])


def test_list_tells_what_a_study_is(staff: Client, study: Study) -> None:
    page = staff.get(LIST).content.decode()
    for text in ("Doe, Jane", "P1", "2024-02-29", "Test study", "2 instances", "1 series", "test"):
        assert text in page
    assert '<span class="fovea-badge">CT</span>' in page
    assert f'src="/dicom-web/studies/{dicoms.STUDY_UID}/thumbnail" alt="" loading="lazy"' in page
    assert f'href="/viewer/viewer?StudyInstanceUIDs={dicoms.STUDY_UID}"' in page


@pytest.mark.parametrize(
    "query",
    ["jane", "JANE doe", "Doe, Jané", "doe^jane", "P1", "A1", "test study", dicoms.STUDY_UID, dicoms.SERIES_UID],
)
def test_search_finds_by_name_identifiers_and_uids(staff: Client, study: Study, query: str) -> None:
    assert "Test study" in names(staff, query)


def test_search_finds_by_the_uid_of_an_instance(staff: Client, study: Study) -> None:
    assert "Test study" in names(staff, dicoms.uid(1, 1, 2))


@pytest.mark.parametrize("query", ["john", "jane smith", "1.2.3", "%", "'"])
def test_search_leaves_out_what_does_not_match(staff: Client, study: Study, query: str) -> None:
    assert "Test study" not in names(staff, query)


def test_search_is_blind_to_accents(staff: Client, practice: Practice) -> None:
    store(practice, dicoms.ct_slice(PatientName="Müller^Zoë"))
    assert "Müller, Zoë" in names(staff, "muller zoe")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"modality": "CT"}, True),
        ({"modality": "MR"}, False),
        ({"date": "7"}, False),
        ({"date": "none"}, False),
        ({"has_other_patient__exact": "0"}, True),
        ({"has_other_patient__exact": "1"}, False),
    ],
)
def test_filters(staff: Client, study: Study, query: dict[str, str], found: bool) -> None:
    assert ("Test study" in staff.get(LIST, query).content.decode()) is found


def test_list_takes_as_many_queries_for_many_studies_as_for_one(
    staff: Client, practice: Practice, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    store_studies(practice, first=1, count=12)
    # Session, user, grants; the menu's four; the filters' practices and labels; the count and the page.
    with django_assert_num_queries(12):
        staff.get(LIST)


def test_page_of_a_study_shows_its_series_and_instances(staff: Client, study: Study) -> None:
    page = staff.get(page_of(study)).content.decode()
    for text in ("Doe, Jane", "Axial 2.0", "Roe, Richard", dicoms.STUDY_UID):
        assert text in page
    for instance in Instance.objects.all():
        assert reverse("admin:archive_instance_change", args=[instance.pk]) in page
    assert "_save" not in page


def test_page_of_a_study_shows_the_first_instances_of_a_long_series(staff: Client, practice: Practice) -> None:
    store(practice, *dicoms.ct_series(15, Rows=8, Columns=8))
    page = staff.get(page_of(Study.objects.get())).content.decode()
    assert page.count("/admin/archive/instance/") == 12
    assert "all 15" in page


def test_page_of_a_study_takes_as_many_queries_for_many_series_as_for_one(
    staff: Client, practice: Practice, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    store(
        practice,
        *(dicoms.ct_slice(SeriesInstanceUID=dicoms.uid(3, n), SOPInstanceUID=dicoms.uid(4, n)) for n in range(9)),
    )
    page = page_of(Study.objects.get())
    staff.get(page)  # looks for volumes
    # Session, user, grants; the study, twice; whether it may be deleted, shared and sent; its series, counted and
    # read; their first instances; its labels; its step; its match; where it goes and went, and whether that is
    # promised; all its series, what is known of their volumes, these, and what analyses have made; whether analyses
    # may be asked for, and of what, by nine kinds; its segmentations and measurements, and whether there are objects
    # of these that nobody has read yet; its reports, whether one may be written, and what is critical; the menu's
    # four; the content type that Django gives every form.
    with django_assert_num_queries(49):
        staff.get(page)


def test_page_of_a_series_pages_its_instances(staff: Client, practice: Practice) -> None:
    store(practice, *dicoms.ct_series(62, Rows=8, Columns=8))
    page = reverse("admin:archive_series_change", args=[Series.objects.get().pk])
    assert staff.get(page).content.decode().count("/admin/archive/instance/") == 60
    second = staff.get(page, {"p": "2"}).content.decode()
    assert second.count("/admin/archive/instance/") == 2
    assert "61 to 62 of 62" in second


def test_page_of_an_instance_shows_its_header(staff: Client, study: Study) -> None:
    instance = Instance.objects.earliest("pk")
    page = staff.get(reverse("admin:archive_instance_change", args=[instance.pk])).content.decode()
    for text in ("CT Image Storage", "(0010,0010)", "PatientName", "Doe^Jane", "Explicit VR Little Endian"):
        assert text in page


def test_nothing_is_added_or_changed_by_hand(boss: Client, study: Study) -> None:
    assert boss.get(reverse("admin:archive_study_add")).status_code == 403
    assert boss.post(page_of(study), {"study_description": "Other"}).status_code == 403
