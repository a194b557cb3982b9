"""Sharing from a study's page in the admin, and the list of what was shared."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.archive.models import Study
from apps.sharing.models import Share
from tests.conftest import client_of, user_of
from tests.rights import give
from tests.sharing.conftest import SERIES, STUDY, NewLink
from tests.sharing.outside import Outside

FORM = {"recipient": "Dr. Far", "purpose": "second opinion", "series": "", "may": "view", "days": "7"}
LIST = reverse("admin:sharing_share_changelist")


def staff(user: User) -> Client:
    user.is_staff = True
    user.save()
    return client_of(user)


@pytest.fixture
def nora(user: User) -> Client:
    return staff(user)


@pytest.fixture
def page(study: str) -> str:
    """Where a link to the study is made."""
    return reverse("admin:sharing_share_new", args=[Study.objects.get(study_instance_uid=study).pk])


def link_in(content: str) -> str:
    """The link that the page shows."""
    found = re.search(r'<code id="share-link">http://testserver(/s/[\w-]{43})</code>', content)
    assert found
    return found[1]


def test_a_study_is_shared_from_its_page(nora: Client, study: str, page: str, outside: Outside) -> None:
    shown = nora.get(reverse("admin:archive_study_change", args=[Study.objects.get(study_instance_uid=study).pk]))
    assert f'href="{page}"' in shown.content.decode()
    assert "Axial 2.0" in nora.get(page).content.decode()
    made = nora.post(page, FORM)
    assert "no-store" in made["Cache-Control"]
    link = link_in(made.content.decode())
    assert outside.open(link).status == 302
    for address in (page, LIST):
        again = nora.get(address).content.decode()
        assert "Dr. Far" in again
        assert link not in again


def test_terms_of_the_form_are_kept(nora: Client, page: str, user: User) -> None:
    nora.post(
        page, FORM | {"series": SERIES, "may": "download", "days": "2", "most_openings": "3", "password": "secret!"}
    )
    share = Share.objects.get()
    assert share.series is not None
    assert share.series.series_instance_uid == SERIES
    assert (share.may_download, share.most_openings, bool(share.password), share.made_by) == (True, 3, True, user)
    assert share.expires_at - share.made_at < timedelta(days=2, minutes=1)


@pytest.mark.parametrize(
    "wrong",
    [{"recipient": ""}, {"purpose": " "}, {"days": "91"}, {"days": "0"}, {"password": "short"}, {"series": "1.2.3"}],
)
def test_forms_that_cannot_be_make_no_link(nora: Client, page: str, wrong: dict[str, str]) -> None:
    assert "share-link" not in nora.post(page, FORM | wrong).content.decode()
    assert not Share.objects.exists()


def test_who_may_not_take_files_away_cannot_offer_them(practice: Practice, page: str) -> None:
    secretary = user_of(practice, "sue")
    secretary.grants.all().delete()
    give(secretary, practice, Permission.VIEW, Permission.SHARE)
    client = staff(secretary)
    assert "take the files away" not in client.get(page).content.decode()
    client.post(page, FORM | {"may": "download"})
    assert not Share.objects.exists()


def test_link_is_revoked_from_its_page_and_from_the_list(nora: Client, new_link: NewLink, outside: Outside) -> None:
    first = new_link()
    share = Share.objects.get()
    its_page = nora.get(reverse("admin:sharing_share_change", args=[share.pk])).content.decode()
    revoke = reverse("admin:sharing_share_revoke", args=[share.pk])
    assert f'action="{revoke}"' in its_page
    nora.post(revoke)
    assert outside.open(first).status == 410
    second = new_link()
    chosen = {"action": "revoke_selected", "_selected_action": str(Share.objects.latest("pk").pk)}
    nora.post(LIST, chosen)
    assert outside.open(second).status == 410


def test_list_is_narrowed_by_state(nora: Client, new_link: NewLink) -> None:
    for recipient, change in (
        ("Open-1", {}),
        ("Spent-2", {"openings": 1, "most_openings": 1}),
        ("Late-3", {"expires_at": timezone.now() - timedelta(days=1)}),
        ("Shut-4", {"revoked_at": timezone.now()}),
    ):
        new_link(recipient=recipient)
        Share.objects.filter(recipient=recipient).update(**change)
    names = {"current": "Open-1", "used_up": "Spent-2", "expired": "Late-3", "revoked": "Shut-4"}
    for state, expected in names.items():
        content = nora.get(f"{LIST}?state={state}").content.decode()
        assert [name for name in names.values() if name in content] == [expected]


def test_others_find_nothing(
    stranger: User, practice: Practice, page: str, new_link: NewLink, anonymous: Client
) -> None:
    new_link(recipient="Dr. Far")
    share = Share.objects.get()
    addresses = [
        page,
        reverse("admin:sharing_share_change", args=[share.pk]),
        reverse("admin:sharing_share_revoke", args=[share.pk]),
    ]
    elsewhere = staff(stranger)
    assert [elsewhere.post(address).status_code for address in (addresses[0], addresses[2])] == [404, 404]
    assert [elsewhere.get(address).status_code for address in addresses[:2]] == [404, 404]
    assert "Dr. Far" not in elsewhere.get(LIST).content.decode()
    reader = user_of(practice, "rick")
    reader.grants.all().delete()
    give(reader, practice, Permission.VIEW)
    assert [staff(reader).get(address).status_code for address in (LIST, *addresses[:2])] == [403, 403, 403]
    assert [anonymous.get(address).status_code for address in (LIST, *addresses[:2])] == [302, 302, 302]
    share.refresh_from_db()
    assert share.revoked_at is None


def test_no_share_button_without_the_permission(practice: Practice, study: str) -> None:
    reader = user_of(practice, "rick")
    reader.grants.all().delete()
    give(reader, practice, Permission.VIEW)
    its_page = reverse("admin:archive_study_change", args=[Study.objects.get(study_instance_uid=STUDY).pk])
    assert ">Share</a>" not in staff(reader).get(its_page).content.decode()


def test_what_is_written_is_shown_as_text(nora: Client, new_link: NewLink) -> None:
    new_link(recipient="<script>alert(1)</script>", purpose="<b>bold</b>")
    share = Share.objects.get()
    for address in (LIST, reverse("admin:sharing_share_change", args=[share.pk])):
        content = nora.get(address).content.decode()
        assert "<script>alert" not in content
        assert "<b>bold" not in content
