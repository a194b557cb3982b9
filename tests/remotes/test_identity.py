"""User identity negotiation (PS3.7 D.3.3.7): by password, by token, and what counts for nothing."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt

from apps.accounts import lockout
from apps.accounts.models import Practice, Token, User
from apps.accounts.permissions import Permission
from apps.audit import access
from apps.audit.models import Event
from apps.dicom.network.pdu import Rejection, UserIdentity
from apps.remotes.admission import NotAdmitted
from apps.remotes.models import ApplicationEntity, Remote
from tests.conftest import PASSWORD
from tests.remotes.asking import HERE, XRAY, ask, password, reload
from tests.rights import give


@pytest.fixture
def nora(practice: Practice) -> User:
    """She may look and take away, in one practice."""
    user = User.objects.create_user("nora", password=PASSWORD, practice=practice)
    give(user, practice, Permission.VIEW, Permission.DOWNLOAD)
    return user


def token_of(user: User, **facts: Any) -> str:
    permissions = [each.value for each in Permission]
    return Token.issue(user, "tests", **{"permissions": permissions, **facts})[1]


def refusal(identity: UserIdentity | None) -> Rejection:
    with pytest.raises(NotAdmitted) as refused:
        ask(identity=identity)
    return refused.value.rejection


def test_a_user_may_what_they_and_the_remote_may(xray: Remote, nora: User) -> None:
    admitted = ask(identity=password("nora", PASSWORD))
    who = admitted.principal
    assert (who.user_id, who.username, who.practice_id) == (nora.pk, "nora", xray.practice_id)
    assert XRAY in who.via
    assert who.whole(Permission.VIEW) == {xray.practice_id}
    # The remote may not get, and she may not upload.
    assert not who.may(Permission.DOWNLOAD)
    assert not who.may(Permission.UPLOAD)
    assert admitted.identity_answer is None


def test_a_superuser_is_cut_to_the_practice_and_to_the_remote(xray: Remote, other_practice: Practice) -> None:
    User.objects.create_superuser("chief", password=PASSWORD)
    who = ask(identity=password("chief", PASSWORD)).principal
    assert who.whole(Permission.VIEW) == {xray.practice_id}
    assert not who.may(Permission.DELETE)


@pytest.mark.parametrize("kind", [1, 2, 5])
def test_a_token_is_a_user_identity_of_its_own(xray: Remote, nora: User, kind: int) -> None:
    presented = UserIdentity(kind, token_of(nora).encode())
    assert ask(identity=presented).principal.user_id == nora.pk


def test_a_token_may_stand_for_the_password(xray: Remote, nora: User) -> None:
    assert ask(identity=password("nora", token_of(nora))).principal.user_id == nora.pk
    assert refusal(password("sam", token_of(nora))) == Rejection.NO_REASON


def test_a_token_keeps_its_bounds(xray: Remote, nora: User) -> None:
    with pytest.raises(NotAdmitted):
        ask(identity=password("nora", token_of(nora, permissions=["download"])))


def test_an_answer_is_given_where_it_is_asked_for(xray: Remote, nora: User) -> None:
    assert ask(identity=password("nora", PASSWORD, wants_answer=True)).identity_answer == b""


@pytest.mark.parametrize(
    "identity",
    [
        password("nora", "wrong"),
        password("nobody", PASSWORD),
        password("nora", ""),
        password("", ""),
        password("no\0ra", PASSWORD),
        UserIdentity(2, b"\xff\xfe", b"\xff"),
        UserIdentity(5, b"fovea_made-up"),
        UserIdentity(5, b"eyJhbGciOiJub25lIn0.e30."),
        UserIdentity(1, b"fovea_made-up"),
    ],
)
def test_who_says_something_wrong_is_refused_and_on_record(xray: Remote, nora: User, identity: UserIdentity) -> None:
    assert refusal(identity) == Rejection.NO_REASON
    access.flush()
    assert Event.objects.filter(action=Event.Action.SIGN_IN_REFUSED).exists()


@pytest.mark.parametrize("kind", [1, 3, 4, 99])
def test_what_proves_nothing_is_passed_over_unless_a_user_is_required(xray: Remote, nora: User, kind: int) -> None:
    named = UserIdentity(kind, b"nora")
    assert ask(identity=named).principal.user_id == 0
    reload(xray, requires_user=True)
    assert refusal(named) == Rejection.NO_REASON


def test_where_a_user_is_required_none_is_no_one(xray: Remote, nora: User) -> None:
    reload(xray, requires_user=True)
    assert refusal(None) == Rejection.NO_REASON
    access.flush()
    event = Event.objects.get(action=Event.Action.SIGN_IN_REFUSED)
    assert (event.actor, event.practice_id, event.address) == (XRAY, xray.practice_id, HERE)
    assert ask(identity=password("nora", PASSWORD)).principal.user_id == nora.pk


def test_a_user_of_another_practice_may_nothing_here(xray: Remote, stranger: User) -> None:
    assert refusal(password("sam", PASSWORD)) == Rejection.NO_REASON


def test_the_called_title_decides_where_a_user_of_two_practices_acts(
    xray: Remote, nora: User, other_practice: Practice
) -> None:
    give(nora, other_practice, Permission.VIEW)
    ApplicationEntity.objects.create(title="SOUTH", practice=other_practice)
    Remote.objects.create(practice=other_practice, name="X", title=XRAY, host=HERE, may_find=True)
    who = ask(called="SOUTH", identity=password("nora", PASSWORD)).principal
    assert (who.practice_id, who.whole(Permission.VIEW)) == (other_practice.pk, {other_practice.pk})


def test_a_second_factor_is_not_got_around_by_a_password(xray: Remote, nora: User) -> None:
    Authenticator.objects.create(user=nora, type=Authenticator.Type.TOTP, data={})
    assert refusal(password("nora", PASSWORD)) == Rejection.NO_REASON
    assert ask(identity=password("nora", token_of(nora))).principal.user_id == nora.pk


def test_guessing_is_counted_and_locked_out(xray: Remote, nora: User) -> None:
    for _ in range(lockout.MOST_FAILURES):
        assert refusal(password("nora", "wrong")) == Rejection.NO_REASON
    assert AccessAttempt.objects.get(username="nora").ip_address == HERE
    assert refusal(password("nora", PASSWORD)) == Rejection.TEMPORARY_CONGESTION


def test_a_closed_account_is_nobody(xray: Remote, nora: User) -> None:
    secret = token_of(nora)
    User.objects.filter(pk=nora.pk).update(is_active=False)
    assert refusal(password("nora", PASSWORD)) == Rejection.NO_REASON
    assert refusal(password("nora", secret)) == Rejection.NO_REASON
