"""The page that a link leads to: what it says, what opens it, and how often."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from apps.accounts import authentication
from apps.accounts.models import User
from apps.accounts.principal import Principal
from apps.audit.models import Event
from apps.sharing.links import revoke
from apps.sharing.models import Share, digest_of
from apps.sharing.opening import MOST_TRIES, OPEN_SECONDS
from tests.sharing.conftest import STUDY, NewLink, mounted, share_of
from tests.sharing.outside import Outside


def test_looking_at_the_page_opens_nothing(outside: Outside, new_link: NewLink) -> None:
    """Programs that read mail follow links, too."""
    link = new_link(most_openings=1)
    page = outside.get(link)
    assert page.status == outside.head(link).status == 200
    assert not any("share-" in cookie for cookie in page.set_cookies)
    assert share_of(link).openings == 0
    assert outside.get(f"{mounted(link)}/dicom-web/studies").status == 401


def test_page_says_nothing_of_what_is_shared(outside: Outside, new_link: NewLink) -> None:
    # Without its random tokens, which may hold any two letters.
    said = re.sub(r"[\w-]{30,}", "", outside.get(new_link()).text)
    for told in ("Doe", "P1", STUDY, "CT", "North", "nora", "Dr. Far", "second opinion"):
        assert told not in said


@pytest.mark.parametrize("slash", ["", "/"])
def test_button_leads_to_the_viewer_on_what_is_shared(outside: Outside, new_link: NewLink, slash: str) -> None:
    link = new_link()
    opened = outside.open(link + slash)
    assert opened.status == 302
    assert opened.headers["Location"] == f"{mounted(link)}/viewer/viewer?StudyInstanceUIDs={STUDY}"


def test_cookie_is_for_this_server_alone(outside: Outside, new_link: NewLink, settings: Settings) -> None:
    link = new_link()
    settings.SESSION_COOKIE_SECURE = True
    (cookie,) = (each for each in outside.open(link).set_cookies if each.startswith("share-"))
    for attribute in ("HttpOnly", "Secure", "SameSite=Lax", "Path=/s/", f"Max-Age={OPEN_SECONDS}"):
        assert attribute in cookie
    assert link.removeprefix("/s/") not in cookie


def test_neither_address_nor_referrer_has_the_secret_afterwards(outside: Outside, new_link: NewLink) -> None:
    link = new_link()
    opened = outside.open(link)
    assert link.removeprefix("/s/") not in opened.headers["Location"]
    assert outside.get(link).headers["Referrer-Policy"] == opened.headers["Referrer-Policy"] == "same-origin"
    assert "no-store" in outside.get(link).headers["Cache-Control"]


def test_secret_is_not_kept(new_link: NewLink) -> None:
    secret = new_link().removeprefix("/s/")
    (row,) = Share.objects.values()
    assert len(secret) >= 43
    assert row["digest"] == digest_of(secret)
    assert secret not in str(row)


def test_wrong_password_opens_nothing(outside: Outside, new_link: NewLink) -> None:
    link = new_link(password="between us")
    refused = outside.open(link, "among us")
    assert (refused.status, share_of(link).openings) == (403, 0)
    assert "not the password" in refused.text
    assert "among us" not in refused.text
    assert outside.open(link, "between us").status == 302


def test_passwords_are_tried_a_few_times_only(outside: Outside, new_link: NewLink) -> None:
    link = new_link(password="between us")
    assert [outside.open(link, f"guess {number}").status for number in range(MOST_TRIES)] == [403] * MOST_TRIES
    assert outside.open(link, "between us").status == 429
    Share.objects.update(tries_since=timezone.now() - timedelta(minutes=16))
    assert outside.open(link, "between us").status == 302


def test_link_is_used_up_after_so_many_openings(new_link: NewLink) -> None:
    link = new_link(most_openings=2)
    assert [Outside().open(link).status for _ in range(3)] == [302, 302, 410]
    assert share_of(link).openings == 2
    assert "as often as it may be" in Outside().get(link).text


def test_coming_back_in_the_same_browser_is_no_other_opening(outside: Outside, new_link: NewLink) -> None:
    link = new_link(most_openings=1, password="between us")
    outside.open(link, "between us")
    assert "Password" not in outside.get(link).text
    assert outside.open(link).status == 302
    assert share_of(link).openings == 1


def test_ended_links_say_why_and_nothing_else(outside: Outside, new_link: NewLink, user: User) -> None:
    link = new_link()
    token = {"csrfmiddlewaretoken": outside.get(link) and outside.cookies["csrftoken"].value}
    Share.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    for answer in (outside.get(link), outside.post(link, token)):
        assert (answer.status, "has run out" in answer.text) == (410, True)
    revoked = new_link()
    revoke(Principal.of(user), share_of(revoked).pk, source="test")
    assert (outside.open(revoked).status, "withdrawn" in outside.get(revoked).text) == (410, True)
    assert "Doe" not in outside.get(revoked).text


def test_ending_shuts_what_is_open(outside: Outside, new_link: NewLink, user: User) -> None:
    link = new_link()
    outside.open(link)
    address = f"{mounted(link)}/dicom-web/studies"
    assert outside.get(address).status == 200
    revoke(Principal.of(user), share_of(link).pk, source="test")
    assert outside.get(address).status == 401
    assert outside.get(f"{mounted(link)}/viewer/viewer").headers["Location"] == f"{mounted(link)}/"
    assert "withdrawn" in outside.get(f"{mounted(link)}/").text


def test_time_ends_what_is_open(outside: Outside, new_link: NewLink) -> None:
    link = new_link()
    outside.open(link)
    Share.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    authentication.forget_all()
    assert outside.get(f"{mounted(link)}/dicom-web/studies").status == 401


@pytest.mark.parametrize("address", ["/s/12/", "/s/no-such-secret", f"/s/{'x' * 43}/"])
def test_of_what_is_none_the_page_says_so(outside: Outside, address: str) -> None:
    page = outside.get(address)
    assert page.status == 404
    assert "There are no images here" in page.text


def test_whoever_has_opened_it_is_led_on_from_where_the_addresses_begin(outside: Outside, new_link: NewLink) -> None:
    link = new_link()
    assert "open the link that you were given" in Outside().get(f"{mounted(link)}/").text
    outside.open(link)
    assert outside.get(f"{mounted(link)}/").headers["Location"].endswith(f"StudyInstanceUIDs={STUDY}")


def test_all_of_it_is_on_record(outside: Outside, new_link: NewLink, user: User) -> None:
    link = new_link(password="between us", series_instance_uid="")
    name = share_of(link).name
    outside.open(link, "among us")
    outside.open(link, "between us")
    revoke(Principal.of(user), share_of(link).pk, source="test")
    actions = [Event.Action.SHARE, Event.Action.SHARE_OPENED, Event.Action.SHARE_REVOKED]
    made, wrong, opened, revoked = Event.objects.filter(action__in=actions).order_by("pk")
    assert (made.actor, revoked.actor) == ("nora", "nora")
    for event in (wrong, opened):
        assert (event.actor, event.on_behalf_of, event.via, event.address) == (name, "nora", "share link", "127.0.0.1")
    assert (wrong.outcome, opened.outcome) == (Event.Outcome.MINOR_FAILURE, Event.Outcome.SUCCESS)
    assert {event.reason for event in (made, wrong, opened, revoked)} == {"for Dr. Far: second opinion"}
    assert {event.study_instance_uid for event in (made, wrong, opened, revoked)} == {STUDY}
