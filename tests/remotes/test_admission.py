"""Who may call: known by AE title and by address, in the practice whose title they call."""

import pytest

from apps.accounts.models import Practice
from apps.accounts.permissions import Permission
from apps.dicom.network import addresses
from apps.dicom.network.pdu import Rejection
from apps.remotes import directory
from apps.remotes.admission import NotAdmitted
from apps.remotes.models import ApplicationEntity, Protocol, Remote, Service
from tests.remotes.asking import HERE, TITLE, XRAY, ask, reload

CALLED, CALLING = Rejection.CALLED_AE_TITLE_NOT_RECOGNISED, Rejection.CALLING_AE_TITLE_NOT_RECOGNISED


def test_a_remote_may_what_its_services_say_in_the_practice_that_it_calls(xray: Remote) -> None:
    admitted = ask()
    assert (admitted.remote_id, admitted.title, admitted.called) == (xray.pk, XRAY, TITLE)
    assert admitted.services == {Service.ECHO, Service.STORE, Service.FIND}
    who = admitted.principal
    assert (who.practice_id, who.username, who.user_id) == (xray.practice_id, XRAY, 0)
    assert who.whole(Permission.UPLOAD) == who.whole(Permission.VIEW) == {xray.practice_id}
    assert not any(map(who.may, set(Permission) - {Permission.UPLOAD, Permission.VIEW}))


@pytest.mark.parametrize(
    ("asked", "address", "rejection"),
    [
        ({"called": "SOUTH"}, HERE, CALLED),
        ({"called": "north"}, HERE, CALLED),
        ({"called": ""}, HERE, CALLED),
        ({"calling": "STRANGER"}, HERE, CALLING),
        ({"calling": "xray"}, HERE, CALLING),
        ({"calling": ""}, HERE, CALLING),
        ({}, "192.168.4.21", CALLING),
        ({}, "127.0.0.1", CALLING),
        ({}, "::1", CALLING),
    ],
)
def test_who_is_not_known_is_refused(xray: Remote, asked: dict[str, str], address: str, rejection: Rejection) -> None:
    with pytest.raises(NotAdmitted) as refused:
        ask(address, **asked)
    assert refused.value.rejection == rejection


@pytest.mark.parametrize(
    ("networks", "host", "address"),
    [
        ("", HERE, f"::ffff:{HERE}"),
        ("10.0.0.0/8", HERE, "10.1.2.3"),
        ("10.9.9.9, 10.0.0.1", HERE, "10.0.0.1"),
        ("fd00::/8", HERE, "fd00::17"),
        ("127.0.0.1", "", "::1"),
        ("::1", "", "127.0.0.1"),
        ("", "localhost", "127.0.0.1"),
        ("", "localhost", "::1"),
        ("", "127.0.0.1", "::1"),
        ("", HERE, HERE),
    ],
)
def test_it_may_call_from_its_networks_or_else_from_its_host(
    xray: Remote, networks: str, host: str, address: str
) -> None:
    reload(xray, networks=networks, host=host)
    assert ask(address).remote_id == xray.pk


@pytest.mark.parametrize(
    "changes",
    [
        {"is_active": False},
        {"protocol": Protocol.DICOMWEB},
        {"networks": "10.0.0.0/8"},
        {"networks": "not a network"},
        {"certificate": "not a certificate"},
        {"host": ""},
    ],
)
def test_one_that_is_switched_off_or_not_to_be_known_may_not_call(xray: Remote, changes: dict[str, str]) -> None:
    reload(xray, **changes)
    with pytest.raises(NotAdmitted):
        ask()


def test_another_practices_remote_may_not_call(xray: Remote, other_practice: Practice) -> None:
    ApplicationEntity.objects.create(title="SOUTH", practice=other_practice)
    with pytest.raises(NotAdmitted) as refused:
        ask(called="SOUTH")
    assert refused.value.rejection == CALLING


def test_the_called_title_picks_the_practice(xray: Remote, other_practice: Practice) -> None:
    ApplicationEntity.objects.create(title="SOUTH", practice=other_practice)
    Remote.objects.create(practice=other_practice, name="X", title=XRAY, host=HERE)
    assert ask(called="SOUTH").practice_id == other_practice.pk
    assert ask().practice_id == xray.practice_id


def test_two_of_one_title_are_told_apart_by_where_they_are(xray: Remote) -> None:
    second = Remote.objects.create(practice=xray.practice, name="Second", title=XRAY, networks="192.168.5.0/24")
    assert ask("192.168.5.9").remote_id == second.pk
    assert ask().remote_id == xray.pk


def test_a_new_remote_may_call_at_once_and_one_switched_off_no_more(title: ApplicationEntity) -> None:
    with pytest.raises(NotAdmitted):
        ask()
    remote = Remote.objects.create(practice=title.practice, name="New", title=XRAY, host=HERE)
    assert ask().remote_id == remote.pk
    reload(remote, is_active=False)
    with pytest.raises(NotAdmitted):
        ask()


def test_it_is_noted_when_a_remote_was_seen(xray: Remote) -> None:
    ask()
    xray.refresh_from_db()
    assert xray.seen_at is not None


def test_those_who_are_known_cost_no_queries(xray: Remote, django_assert_num_queries: object) -> None:
    ask()
    with django_assert_num_queries(0):  # type: ignore[operator]
        for _ in range(20):
            ask()


def test_a_name_that_never_resolves_costs_a_bounded_time(xray: Remote, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "_look_up", lambda host, seconds: frozenset())
    reload(xray, host="nowhere.invalid")
    with pytest.raises(NotAdmitted, match="recognised"):
        ask()
    assert directory.current().remotes
