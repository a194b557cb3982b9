"""Analyses in the admin: the panel of a study, the form, the list, the page of one, and who sees which."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Grant, Practice, User
from apps.accounts.permissions import Permission
from apps.analysis import asking
from apps.analysis.models import Analysis
from apps.archive.models import Series, Study
from apps.core.errors import Conflict
from apps.jobs.models import Job, State
from tests.analysis.conftest import NAME, Copies, store, worked
from tests.conftest import client_of
from tests.dicoms import SERIES_UID, STUDY_UID, ct_slice
from tests.rights import give

pytestmark = pytest.mark.django_db
LIST = reverse("admin:analysis_analysis_changelist")


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
def looker(practice: Practice) -> Client:
    """Somebody who may look, and nothing else."""
    user = User.objects.create_user("vera", practice=practice)
    give(user, practice, Permission.VIEW)
    return staff(user)


def form_of(study: Study) -> str:
    return reverse("admin:analysis_analysis_new", args=[study.pk, NAME])


def page(row: Analysis) -> str:
    return reverse("admin:analysis_analysis_change", args=[row.pk])


def study_page(study: Study) -> str:
    return reverse("admin:archive_study_change", args=[study.pk])


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def ask(client: Client, study: Study, **given: Any) -> Any:
    filled = {"series": SERIES_UID, "howMany": "2", "brightness": "1.0", "look": "plain"} | given
    return client.post(form_of(study), filled)


@pytest.fixture
def row(admin: Client, study: Study, copies: Copies) -> Analysis:
    """One that waits."""
    assert ask(admin, study).status_code == 302
    return Analysis.objects.get()


def test_a_study_offers_what_can_be_asked_of_it(admin: Client, study: Study, copies: Copies) -> None:
    assert form_of(study) in text_of(admin, study_page(study))
    form = text_of(admin, form_of(study))
    for told in ("How many", 'min="0"', 'max="20"', "Brightness", "Plain", f'<option value="{SERIES_UID}"', "Marked"):
        assert told in form
    assert 'name="arch"' not in form


def test_an_address_can_fill_the_form_in(admin: Client, study: Study, copies: Copies) -> None:
    form = text_of(admin, f"{form_of(study)}?howMany=7&look=bold&nonsense=1")
    assert 'value="7"' in form
    assert '<option value="bold" selected>' in form


def test_a_series_shows_what_came_of_it_and_what_it_came_of(
    admin: Client, practice: Practice, row: Analysis, copies: Copies
) -> None:
    worked(row)
    store(practice, [ct_slice(SeriesInstanceUID="1.2.3.4", SOPInstanceUID="1.2.3.4.5")])
    shows = {
        series.series_instance_uid: page(row)
        in text_of(admin, reverse("admin:archive_series_change", args=[series.pk]))
        for series in row.study.series.all()
    }
    assert shows == {SERIES_UID: True, row.series_instance_uids[0]: True, "1.2.3.4": False}


def test_a_study_with_nothing_to_analyse_offers_nothing(admin: Client, study: Study, copies: Copies) -> None:
    study.series.update(series_description="Copies")
    assert form_of(study) not in text_of(admin, study_page(study))
    for name in (NAME, "pictures"):
        address = reverse("admin:analysis_analysis_new", args=[study.pk, name])
        assert "has nothing that could be analysed so" in admin.get(address, follow=True).content.decode()


def test_what_is_filled_in_is_asked_for(admin: Client, study: Study, copies: Copies) -> None:
    answer = ask(admin, study, howMany="3", look="bold", isMarked="on")
    row = Analysis.objects.get()
    assert answer["Location"] == page(row)
    assert row.parameters == {
        "series": SERIES_UID, "howMany": 3, "brightness": 1.0, "look": "bold", "isMarked": True,
    }  # fmt: skip
    again = admin.post(
        form_of(study), {"series": SERIES_UID, "howMany": "3", "look": "bold", "isMarked": "on"}, follow=True
    )
    assert "has been asked for before" in again.content.decode()
    assert Job.objects.filter(kind=asking.JOB).count() == 1


def test_what_is_wrong_is_told_beside_its_field(admin: Client, study: Study, copies: Copies) -> None:
    assert "less than or equal to 20" in ask(admin, study, howMany="21").content.decode()
    # What the form can't know, the service finds.
    Series.objects.filter(series_instance_uid=SERIES_UID).get().instances.all().delete()
    assert "The study has no such series." in ask(admin, study).content.decode()
    assert not Analysis.objects.exists()


def test_too_many_are_told_in_the_form(
    admin: Client, study: Study, copies: Copies, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "MOST_WAITING", 0)
    assert "are waiting already" in ask(admin, study).content.decode()


def test_one_that_waits_is_followed_and_can_be_stopped(admin: Client, row: Analysis) -> None:
    watched = f'data-progress="/api/analyses/{row.pk}"'
    for address in (LIST, page(row), study_page(row.study)):
        assert watched in text_of(admin, address)
    stop = reverse("admin:analysis_analysis_cancel", args=[row.pk])
    assert stop in text_of(admin, page(row))
    assert "or stops at its next step" in admin.post(stop, follow=True).content.decode()
    assert Analysis.objects.get().state == State.CANCELLED
    assert "data-progress=" not in text_of(admin, page(row))
    assert "already ended" in admin.post(stop, follow=True).content.decode()


def test_its_page_tells_what_came_of_what_and_how(
    admin: Client, practice: Practice, row: Analysis, copies: Copies
) -> None:
    copies.flags = ("gap",)
    worked(row)
    shown = text_of(admin, page(row))
    [uid] = row.series_instance_uids
    result = Series.objects.get(series_instance_uid=uid)
    assert f"StudyInstanceUIDs={STUDY_UID}&amp;initialSeriesInstanceUID={uid}" in shown
    for told in (
        reverse("admin:archive_series_change", args=[result.pk]), "<dt>Look</dt><dd>Plain</dd>",
        "<dt>Marked</dt><dd>No</dd>",
        "<dt>Series</dt><dd>Axial 2.0</dd>", "Something about gap.", "measure in it", "not a certified medical device",
        row.inputs["digest"], "copies 3",
    ):  # fmt: skip
        assert told in shown
    assert uid in text_of(admin, study_page(row.study))
    assert "have changed since" not in shown
    store(practice, [ct_slice(InstanceNumber=9)])
    assert "have changed since" in text_of(admin, page(row))
    result.delete()
    assert "have been deleted since" in text_of(admin, page(row))


def test_a_kind_that_is_gone_leaves_the_page_readable(
    admin: Client, row: Analysis, copies: Copies, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked(row)
    monkeypatch.setattr("apps.analysis.kinds._kinds", {})
    shown = text_of(admin, page(row))
    assert "<dt>look</dt><dd>plain</dd>" in shown
    assert reverse("admin:analysis_analysis_rerun", args=[row.pk]) not in shown


def test_it_is_run_again_and_removed(admin: Client, row: Analysis) -> None:
    worked(row)
    rerun = reverse("admin:analysis_analysis_rerun", args=[row.pk])
    assert rerun in text_of(admin, page(row))
    assert "It runs again" in admin.post(rerun, follow=True).content.decode()
    remove = reverse("admin:analysis_analysis_remove", args=[row.pk])
    assert "still at work" in admin.post(remove, follow=True).content.decode()
    worked(row)
    gone = admin.post(remove)
    assert gone["Location"] == study_page(row.study)
    assert not Analysis.objects.exists()
    assert list(Series.objects.values_list("series_instance_uid", flat=True)) == [SERIES_UID]


def test_why_it_failed_is_told_everywhere(admin: Client, row: Analysis, copies: Copies) -> None:
    copies.error = Conflict("These images <i>show</i> nothing.")
    worked(row)
    for address in (LIST, page(row), study_page(row.study)):
        told = text_of(admin, address)
        assert "These images &lt;i&gt;show&lt;/i&gt; nothing." in told
        assert "<i>show" not in told


def test_the_list_is_filtered_by_state_and_kind(admin: Client, row: Analysis) -> None:
    assert page(row) in text_of(admin, f"{LIST}?state=queued&kind={NAME}")
    assert page(row) not in text_of(admin, f"{LIST}?state=done")
    assert page(row) not in text_of(admin, f"{LIST}?kind=pictures")
    assert page(row) in text_of(admin, f"{LIST}?q={STUDY_UID}")


def test_who_may_only_look_sees_and_asks_for_nothing(looker: Client, row: Analysis) -> None:
    shown = text_of(looker, page(row))
    for name in ("cancel", "rerun", "remove"):
        address = reverse(f"admin:analysis_analysis_{name}", args=[row.pk])
        assert address not in shown
        assert looker.post(address).status_code == 403
    assert form_of(row.study) not in text_of(looker, study_page(row.study))
    assert looker.get(form_of(row.study)).status_code == 403
    assert ask(looker, row.study).status_code == 403


def test_who_may_analyse_and_not_look_finds_nothing(practice: Practice, user: User, row: Analysis) -> None:
    Grant.objects.filter(user=user).delete()
    give(user, practice, Permission.ANALYSE)
    client = staff(user)
    assert client.get(form_of(row.study)).status_code == 404
    assert client.post(reverse("admin:analysis_analysis_rerun", args=[row.pk])).status_code == 404


def test_another_practice_sees_nothing_of_it(elsewhere: Client, row: Analysis) -> None:
    assert page(row) not in text_of(elsewhere, LIST)
    assert elsewhere.get(page(row)).status_code == 404
    assert elsewhere.get(form_of(row.study)).status_code == 404
    for name in ("cancel", "rerun", "remove"):
        assert elsewhere.post(reverse(f"admin:analysis_analysis_{name}", args=[row.pk])).status_code == 404
    assert Job.objects.get(kind=asking.JOB).state == State.QUEUED


def test_who_is_not_signed_in_is_asked_to(anonymous: Client, row: Analysis) -> None:
    for address in (LIST, page(row), form_of(row.study)):
        assert "login" in anonymous.get(address)["Location"]


def test_nothing_is_changed_by_djangos_own_pages(admin: Client, row: Analysis) -> None:
    assert admin.post(page(row)).status_code == 403
    assert admin.get(reverse("admin:analysis_analysis_add")).status_code == 403
    assert admin.post(reverse("admin:analysis_analysis_delete", args=[row.pk])).status_code == 403
    assert Analysis.objects.exists()
