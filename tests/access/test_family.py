"""Family access from the invitation to its end, for those who may take each step."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from apps.access import clock
from apps.access.models import Invitation
from apps.accounts.models import Grant, Practice, User
from apps.accounts.permissions import Permission, Scope
from apps.archive.models import Study
from apps.audit.models import Event
from tests.access.conftest import ask, metadata_status, new_study, new_user, seen
from tests.access.family import WHY, accepted, enter, invite, new_code, opened, sign_up, state, verified
from tests.conftest import client_of


def test_a_relative_sees_the_named_studies_once_staff_has_accepted(
    clerk_client: Client, study: Study, other_study: Study, practice: Practice
) -> None:
    unnamed = new_study(practice, 3, PatientID="P1")
    browser, pk = verified(clerk_client, study)
    assert seen(browser) == set()
    assert metadata_status(browser, study) == 403
    assert ask(clerk_client, f"invitations/{pk}/accept", note="Knows the family").status_code == 200
    assert seen(browser) == {"1"}
    assert [metadata_status(browser, each) for each in (study, unnamed, other_study)] == [200, 404, 404]
    assert browser.get("/api/studies").json()["count"] == 1
    assert browser.get("/viewer/").status_code != 403


def test_a_relative_may_look_and_nothing_else(clerk_client: Client, study: Study) -> None:
    browser, _ = accepted(clerk_client, study)
    address = f"/dicom-web/studies/{study.study_instance_uid}"
    assert browser.get(address).status_code == 403
    assert browser.delete(address).status_code == 403
    assert invite(browser, study).status_code == 403
    (grant,) = Grant.objects.filter(user__username="maria")
    assert (grant.scope, grant.origin, grant.role.permissions) == (Scope.STUDY, "family", ["view"])
    assert grant.valid_until == Invitation.objects.get().until


def test_each_step_is_on_record_with_who_and_when(clerk_client: Client, study: Study) -> None:
    _, pk = accepted(clerk_client, study)
    ask(clerk_client, f"invitations/{pk}/revoke", reason=WHY)
    steps = clerk_client.get(f"/api/invitations/{pk}").json()["steps"]
    assert [(step["state"], step["by"]) for step in steps] == [
        ("invited", "clara"), ("opened", "maria"), ("opened", "clara"),
        ("verified", "maria"), ("accepted", "clara"), ("revoked", "clara"),
    ]  # fmt: skip
    told = Event.objects.filter(detail__startswith=f"family access {pk} ").order_by("pk")
    assert list(told.values_list("action", flat=True)) == [
        "share", "share-opened", "share-opened", "access-asked", "access-decided", "share-revoked",
    ]  # fmt: skip
    assert len(set(told.values_list("patient", flat=True))) == 1
    assert not any("Maria" in event.detail + event.reason for event in told)


def test_secrets_are_kept_as_digests_and_shown_once(clerk_client: Client, study: Study) -> None:
    made = invite(clerk_client, study).json()
    code = new_code(clerk_client, made["id"])
    row = Invitation.objects.values().get()
    for secret in (made["link"].rstrip("/").rpartition("/")[2], code, code.replace(" ", "")):
        assert secret not in str(row)
        assert secret not in clerk_client.get(f"/api/invitations/{made['id']}").content.decode()


def test_a_link_opens_one_account_once(clerk_client: Client, study: Study, anonymous: Client) -> None:
    made = invite(clerk_client, study).json()
    assert "Maria Doe" in anonymous.get(made["link"]).content.decode()
    sign_up(made["link"])
    _, again = sign_up(made["link"], "mallory")
    assert again.status_code == 404
    assert anonymous.get(made["link"]).status_code == 404
    assert not User.objects.filter(username="mallory").exists()


@pytest.mark.parametrize("link", ["x", "a" * 43])
def test_links_that_nobody_gave_open_nothing(anonymous: Client, practice: Practice, link: str) -> None:
    assert anonymous.get(f"/access/invitation/{link}/").status_code == 404
    assert sign_up(f"/access/invitation/{link}/")[1].status_code == 404
    assert not User.objects.exists()


def test_somebody_with_an_account_uses_it(clerk_client: Client, stranger: User, study: Study) -> None:
    made = invite(clerk_client, study).json()
    browser = client_of(stranger)
    assert "Go on as sam" in browser.get(made["link"]).content.decode()
    browser.post(made["link"])
    enter(browser, made["id"], new_code(clerk_client, made["id"]))
    ask(clerk_client, f"invitations/{made['id']}/accept")
    assert seen(browser) == {"1"}


@pytest.mark.parametrize("password", ["short", "password1234", "maria@example.org"])
def test_a_password_that_the_site_does_not_allow_makes_no_account(
    clerk_client: Client, study: Study, password: str
) -> None:
    _, answer = sign_up(invite(clerk_client, study).json()["link"], password=password)
    assert answer.status_code == 400
    assert not User.objects.filter(username="maria").exists()
    assert state(Invitation.objects.get().pk) == "invited"


def test_a_user_name_that_is_taken_is_said(clerk_client: Client, study: Study) -> None:
    browser, answer = sign_up(invite(clerk_client, study).json()["link"], "clara")
    assert answer.status_code == 409
    assert "Somebody has this user name" in answer.content.decode()
    assert "_auth_user_id" not in browser.session


def test_wrong_codes_are_few(clerk_client: Client, study: Study) -> None:
    browser, pk = opened(clerk_client, study)
    code = new_code(clerk_client, pk)
    for _ in range(5):
        assert "This code is not right" in enter(browser, pk, "0000 0000" if code != "0000 0000" else "1")
    assert "This code is not right" in enter(browser, pk, code)
    assert state(pk) == "opened"
    assert Event.objects.filter(detail__endswith="wrong code", outcome=4).count() == 6
    enter(browser, pk, new_code(clerk_client, pk))
    assert state(pk) == "verified"


def test_without_a_code_and_with_an_older_one_nobody_is_verified(clerk_client: Client, study: Study) -> None:
    browser, pk = opened(clerk_client, study)
    enter(browser, pk, "")
    older = new_code(clerk_client, pk)
    new_code(clerk_client, pk)
    enter(browser, pk, older)
    assert state(pk) == "opened"


def test_a_code_is_good_for_a_day(clerk_client: Client, clerk: User, study: Study) -> None:
    browser, pk = opened(clerk_client, study)
    code = new_code(clerk_client, pk)
    with time_machine.travel(timezone.now() + timedelta(hours=24, minutes=1)):
        browser.force_login(User.objects.get(username="maria"))
        enter(browser, pk, code)
    assert state(pk) == "opened"


def test_a_code_is_for_whom_it_was_given(clerk_client: Client, stranger_client: Client, study: Study) -> None:
    _, pk = opened(clerk_client, study)
    assert "There is no such invitation" in enter(stranger_client, pk, new_code(clerk_client, pk))
    assert state(pk) == "opened"


@pytest.mark.parametrize("step", ["accept", "refuse"])
def test_nothing_is_decided_before_the_code(clerk_client: Client, study: Study, step: str) -> None:
    browser, pk = opened(clerk_client, study)
    assert ask(clerk_client, f"invitations/{pk}/{step}", reason=WHY).status_code == 409
    assert seen(browser) == set()


def test_a_refused_relative_sees_nothing(clerk_client: Client, study: Study) -> None:
    browser, pk = verified(clerk_client, study)
    assert ask(clerk_client, f"invitations/{pk}/refuse").status_code == 400
    assert ask(clerk_client, f"invitations/{pk}/refuse", reason=WHY).status_code == 200
    assert ask(clerk_client, f"invitations/{pk}/accept").status_code == 409
    assert seen(browser) == set()


def test_revoking_closes_at_once(clerk_client: Client, study: Study) -> None:
    browser, pk = accepted(clerk_client, study)
    assert metadata_status(browser, study) == 200
    assert ask(clerk_client, f"invitations/{pk}/revoke", reason=WHY).status_code == 200
    assert metadata_status(browser, study) == 403
    assert ask(clerk_client, f"invitations/{pk}/revoke", reason=WHY).status_code == 409


def test_a_revoked_link_opens_nothing(clerk_client: Client, study: Study, anonymous: Client) -> None:
    made = invite(clerk_client, study).json()
    ask(clerk_client, f"invitations/{made['id']}/revoke", reason=WHY)
    assert anonymous.get(made["link"]).status_code == 404


def test_access_ends_with_its_time(clerk_client: Client, study: Study) -> None:
    browser, pk = accepted(clerk_client, study, days=2)
    with time_machine.travel(timezone.now() + timedelta(days=2, minutes=1)):
        browser.force_login(User.objects.get(username="maria"))
        assert seen(browser) == set()
        assert metadata_status(browser, study) == 403
        clock.on_minute()
        clock.on_minute()
    assert state(pk) == "expired"
    assert Event.objects.filter(action="share-revoked", actor="clock").count() == 1


def test_an_invitation_that_nobody_opens_lapses(clerk_client: Client, study: Study, anonymous: Client) -> None:
    made = invite(clerk_client, study).json()
    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1)):
        assert anonymous.get(made["link"]).status_code == 404
        assert Invitation.objects.get().state_now == "expired"
        clock.on_minute()
    assert state(made["id"]) == "expired"


def test_nobody_decides_about_their_own_access(practice: Practice, study: Study, clerk: User) -> None:
    mine = client_of(clerk)
    made = invite(mine, study).json()
    mine.post(made["link"])
    enter(mine, made["id"], new_code(mine, made["id"]))
    assert ask(mine, f"invitations/{made['id']}/accept").status_code == 403


def test_only_who_may_share_the_study_invites(
    doctor_client: Client, stranger_client: Client, anonymous: Client, practice: Practice, study: Study
) -> None:
    answers = [invite(each, study).status_code for each in (doctor_client, stranger_client, anonymous)]
    assert answers == [403, 404, 401]
    narrow = client_of(new_user(practice, "nick", Permission.SHARE, scope=Scope.STUDY, subject="1.2.3"))
    assert invite(narrow, study).status_code == 404
    assert not Invitation.objects.exists()


def test_others_neither_see_nor_touch_an_invitation(
    clerk_client: Client, doctor_client: Client, stranger_client: Client, anonymous: Client, study: Study
) -> None:
    _, pk = verified(clerk_client, study)
    for step in ("code", "accept", "refuse", "revoke"):
        path = f"invitations/{pk}/{step}"
        answers = [ask(each, path, reason=WHY).status_code for each in (doctor_client, stranger_client, anonymous)]
        assert answers == [403, 404, 401]
    assert stranger_client.get("/api/invitations").json()["count"] == 0
    assert stranger_client.get(f"/api/invitations/{pk}").status_code == 404
    assert state(pk) == "verified"


def test_who_may_share_a_study_alone_sees_invitations_to_it_alone(
    clerk_client: Client, practice: Practice, study: Study
) -> None:
    beside = new_study(practice, 3, PatientID="P1")
    wide, narrow = invite(clerk_client, study, beside).json()["id"], invite(clerk_client, study).json()["id"]
    grant = {"scope": Scope.STUDY, "subject": study.study_instance_uid}
    nick = client_of(new_user(practice, "nick", Permission.SHARE, Permission.VIEW, **grant))
    assert [row["id"] for row in nick.get("/api/invitations").json()["results"]] == [narrow]
    assert nick.get(f"/api/invitations/{wide}").status_code == 404


def test_an_invitation_is_to_studies_of_one_patient(clerk_client: Client, study: Study, other_study: Study) -> None:
    assert invite(clerk_client, study, other_study).status_code == 400
    assert invite(clerk_client).status_code == 400
    assert invite(clerk_client, study, days=-1).status_code == 400
    assert invite(clerk_client, study, days=1000).status_code == 400
