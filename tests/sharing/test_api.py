"""/api/studies/<uid>/shares and /api/shares."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts import authentication
from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.sharing.models import Share
from tests.conftest import client_of, user_of
from tests.rights import give
from tests.sharing.conftest import BESIDE, ELSEWHERE, SERIES, STUDY, NewLink
from tests.sharing.outside import Outside

SHARES = f"/api/studies/{STUDY}/shares/"
TERMS = {"recipient": "Dr. Far", "purpose": "second opinion"}


def ask(client: Client, address: str = SHARES, **terms: object) -> tuple[int, dict[str, object]]:
    answer = client.post(address, {**TERMS, **terms}, content_type="application/json")
    return answer.status_code, answer.json()


@pytest.fixture
def colleague(practice: Practice) -> User:
    """Somebody of the practice who has no rights yet."""
    colleague = user_of(practice, "carl")
    colleague.grants.all().delete()
    return colleague


def test_a_link_is_made_and_shown_once(client: Client, study: str, outside: Outside) -> None:
    status, made = ask(client)
    assert status == 201
    assert {"recipient": "Dr. Far", "purpose": "second opinion", "mayDownload": False, "state": "current"}.items() <= (
        made.items()
    )
    assert (made["studyInstanceUid"], made["seriesInstanceUid"], made["madeBy"]) == (STUDY, None, "nora")
    in_days = datetime.fromisoformat(str(made["expiresAt"])) - timezone.now()
    assert timedelta(days=6, hours=23) < in_days <= timedelta(days=7)
    url = str(made["url"])
    assert url.startswith("http://testserver/s/")
    assert outside.open(url.removeprefix("http://testserver")).status == 302
    listed = client.get(SHARES).content.decode()
    assert url.rpartition("/")[2] not in listed
    assert Share.objects.get().digest not in listed


def test_terms_are_kept(client: Client, study: str) -> None:
    terms = {"days": 2, "password": "between us", "mayDownload": True, "mostOpenings": 3, "seriesInstanceUid": SERIES}
    status, made = ask(client, **terms)
    assert status == 201
    assert (made["hasPassword"], made["mayDownload"], made["mostOpenings"]) == (True, True, 3)
    assert made["seriesInstanceUid"] == SERIES
    assert "between us" not in str(Share.objects.values())


@pytest.mark.parametrize(
    "terms",
    [
        {"recipient": ""},
        {"purpose": "  "},
        {"recipient": "x" * 111},
        {"days": 0},
        {"days": 91},
        {"password": "short"},
        {"password": "x" * 129},
        {"mostOpenings": 0},
        {"mostOpenings": 1001},
    ],
)
def test_terms_that_cannot_be_are_refused(client: Client, study: str, terms: dict[str, object]) -> None:
    status, said = ask(client, **terms)
    assert status == 400
    assert next(iter(terms)) in str(said["errors"])
    assert not Share.objects.exists()


def test_another_studys_series_is_none_of_this_one(client: Client, study: str) -> None:
    assert ask(client, f"/api/studies/{ELSEWHERE}/shares", seriesInstanceUid=BESIDE)[0] == 404


def test_a_study_has_so_many_links_at_a_time(client: Client, study: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.sharing.links.MOST_CURRENT", 1)
    assert [ask(client)[0] for _ in range(2)] == [201, 409]
    Share.objects.update(expires_at=timezone.now())
    assert ask(client)[0] == 201


def test_revoking(client: Client, new_link: NewLink, outside: Outside) -> None:
    link = new_link()
    number = Share.objects.get().pk
    assert client.delete(f"/api/shares/{number}/").status_code == 204
    assert client.delete(f"/api/shares/{number}/").status_code == 204
    assert client.get("/api/shares/").json()["results"][0]["state"] == "revoked"
    assert outside.open(link).status == 410


def test_anonymous_learn_nothing(anonymous: Client, new_link: NewLink) -> None:
    new_link()
    for address in (SHARES, "/api/shares/"):
        assert anonymous.get(address).status_code == 401
    assert ask(anonymous)[0] == 401
    assert anonymous.delete(f"/api/shares/{Share.objects.get().pk}/").status_code == 401


def test_another_practices_user_finds_nothing(stranger_client: Client, new_link: NewLink) -> None:
    new_link()
    assert stranger_client.get(SHARES).status_code == 404
    assert ask(stranger_client)[0] == 404
    assert stranger_client.get("/api/shares/").json()["count"] == 0
    assert stranger_client.delete(f"/api/shares/{Share.objects.get().pk}/").status_code == 404
    assert Share.objects.get().revoked_at is None


def test_who_may_only_look_shares_nothing(colleague: User, practice: Practice, new_link: NewLink) -> None:
    new_link()
    give(colleague, practice, Permission.VIEW)
    client = client_of(colleague)
    assert client.get(SHARES).status_code == ask(client)[0] == client.get("/api/shares/").status_code == 403
    assert client.delete(f"/api/shares/{Share.objects.get().pk}/").status_code == 403


def test_nobody_gives_what_they_have_not(colleague: User, practice: Practice, study: str) -> None:
    give(colleague, practice, Permission.VIEW, Permission.SHARE)
    client = client_of(colleague)
    assert ask(client, mayDownload=True)[0] == 403
    assert ask(client)[0] == 201
    colleague.grants.all().delete()
    give(colleague, practice, Permission.SHARE)
    authentication.forget_all()
    assert ask(client)[0] == 404


def test_rights_on_one_study_share_no_other(colleague: User, practice: Practice, study: str) -> None:
    give(colleague, practice, Permission.VIEW)
    give(colleague, practice, Permission.SHARE, scope="study", subject=STUDY)
    client = client_of(colleague)
    assert ask(client)[0] == 201
    assert ask(client, f"/api/studies/{ELSEWHERE}/shares")[0] == 403
    assert client.get("/api/shares/").json()["count"] == 1
