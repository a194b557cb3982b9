"""C-ECHO as a client: the answer and the time, and what went wrong in people's words."""

import pytest

from apps.remotes.echoing import echo
from apps.remotes.models import ApplicationEntity, Remote
from tests.remotes.asking import TITLE, XRAY, reload
from tests.remotes.peer import answering_echo


@pytest.fixture
def here(xray: Remote) -> Remote:
    reload(xray, host="127.0.0.1")
    return xray


def test_a_remote_that_answers(here: Remote) -> None:
    with answering_echo(XRAY, known=TITLE) as port:
        reload(here, port=port)
        answer = echo(here)
    assert answer.ok
    assert answer.ms > 0
    here.refresh_from_db()
    assert (here.echo_ms, here.echo_error) == (answer.ms, "")
    assert here.echoed_at is not None


@pytest.mark.parametrize(
    ("named", "known", "status", "word"),
    [
        ("OTHER", "", 0, "Correct it here"),
        (XRAY, "SOMEBODY", 0, f"does not know the AE title {TITLE}"),
        (XRAY, "", 0x0122, "status 0122"),
    ],
)
def test_what_is_wrong_is_said(here: Remote, named: str, known: str, status: int, word: str) -> None:
    with answering_echo(named, known=known, status=status) as port:
        reload(here, port=port)
        answer = echo(here)
    assert not answer.ok
    assert word in answer.message
    here.refresh_from_db()
    assert (here.echo_ms, here.echo_error) == (None, answer.message)


def test_nobody_there(here: Remote) -> None:
    reload(here, port=1)
    assert "can't be reached" in echo(here).message


def test_another_title_may_call(here: Remote) -> None:
    ApplicationEntity.objects.create(title="ASIDE", practice=here.practice)
    with answering_echo(XRAY, known="ASIDE") as port:
        reload(here, port=port)
        assert echo(here, title="ASIDE").ok


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"is_active": False}, "switched off"),
        ({"host": ""}, "must be known"),
        ({"protocol": "dicomweb"}, "The address of"),
    ],
)
def test_what_can_not_be_called_is_not(here: Remote, changes: dict[str, object], word: str) -> None:
    reload(here, **changes)
    assert word in echo(here).message


def test_without_an_own_title_nobody_is_called(here: Remote) -> None:
    ApplicationEntity.objects.all().delete()
    assert "no AE title of its own" in echo(here).message
