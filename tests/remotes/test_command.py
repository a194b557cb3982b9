"""`manage.py remote …`."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from apps.accounts.models import Practice
from apps.audit.models import Event
from apps.remotes.models import ApplicationEntity, Protocol, Remote, Service, UnknownCaller
from tests.remotes.asking import TITLE, XRAY, ask
from tests.remotes.peer import answering_echo

ADD = ("add", "--name", "Pano", "--aet", XRAY, "--host", "127.0.0.1", "--port", "104")


def remote(*arguments: str) -> str:
    out = StringIO()
    call_command("remote", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture(autouse=True)
def site(title: ApplicationEntity) -> None:
    """A practice with an AE title."""


def test_one_that_is_added_may_do_everything_in_the_first_practice(
    practice: Practice, other_practice: Practice
) -> None:
    assert "may echo store find move get worklist" in remote(*ADD)
    made = Remote.objects.get()
    assert (made.practice, made.name, made.title, made.host, made.port) == (practice, "Pano", XRAY, "127.0.0.1", 104)
    assert all(map(made.may, Service))
    assert ask("127.0.0.1").remote_id == made.pk


def test_what_it_is_told(other_practice: Practice) -> None:
    remote(*ADD, "--may", "echo,store", "--practice", "South", "--networks", "10.0.0.0/8", "--tls", "--requires-user")
    made = Remote.objects.get()
    assert (made.practice, made.networks, made.uses_tls, made.requires_user) == (
        other_practice, "10.0.0.0/8", True, True,
    )  # fmt: skip
    assert [service for service in Service if made.may(service)] == [Service.ECHO, Service.STORE]


def test_a_certificate_is_read_from_its_file(tmp_path: Path) -> None:
    file = tmp_path / "x.pem"
    with pytest.raises(CommandError, match="can't be read"):
        remote(*ADD, "--certificate", str(file))
    file.write_text("nothing")
    with pytest.raises(CommandError, match="no certificate"):
        remote(*ADD, "--certificate", str(file))


def test_one_of_dicomweb() -> None:
    remote("add", "--name", "Cloud", "--url", "https://archive.example.org/dicom-web")
    assert Remote.objects.get().protocol == Protocol.DICOMWEB


def test_one_that_is_there_is_changed_only_when_that_is_said() -> None:
    remote(*ADD, "--may", "echo")
    with pytest.raises(CommandError, match="--update"):
        remote(*ADD)
    remote(*ADD[:-1], "105", "--update")
    made = Remote.objects.get()
    assert made.port == 105
    assert [service for service in Service if made.may(service)] == [Service.ECHO]


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--aet", "A" * 17), "AE title"),
        (("--host", "a b"), "Host"),
        (("--networks", "10.0.0.1/8"), "Networks"),
        (("--port", "70000"), "Port"),
        (("--may", "echo,fly"), "fly"),
        (("--practice", "Nowhere"), "Nowhere"),
        (("--url", "ftp://x.example"), "DICOMweb"),
    ],
)
def test_what_is_wrong_is_said(arguments: tuple[str, str], word: str) -> None:
    with pytest.raises(CommandError, match=word):
        remote(*ADD, *arguments)
    assert not Remote.objects.exists()


def test_the_list_shows_remotes_and_unknown_callers(practice: Practice) -> None:
    remote(*ADD)
    UnknownCaller.objects.create(practice=practice, calling="STRANGER", called=TITLE, address="10.0.0.1", reason="No.")
    told = remote("list")
    assert "Pano, of North: XRAY at 127.0.0.1:104" in told
    assert "STRANGER from 10.0.0.1" in told


def test_echo_tells_the_time_or_fails() -> None:
    with answering_echo(XRAY) as port:
        remote(*ADD[:-1], str(port))
        assert " ms" in remote("echo", "Pano")
    with pytest.raises(CommandError, match="can't be reached"):
        remote("echo", "Pano")
    with pytest.raises(CommandError, match="no remote Other"):
        remote("echo", "Other")


def test_one_of_several_practices_is_named_with_its_practice(other_practice: Practice) -> None:
    remote(*ADD)
    remote(*ADD, "--practice", "South")
    with pytest.raises(CommandError, match="--practice"):
        remote("remove", "Pano")
    remote("remove", "Pano", "--practice", "South")
    assert Remote.objects.get().practice.name == "North"


def test_an_unknown_caller_is_let_in(practice: Practice) -> None:
    with pytest.raises(CommandError, match="Nobody called"):
        remote("allow", "STRANGER")
    UnknownCaller.objects.create(practice=practice, calling="STRANGER", called=TITLE, address="10.0.0.1")
    remote("allow", "STRANGER", "--name", "Pano", "--may", "echo,store,find")
    made = Remote.objects.get()
    assert (made.name, made.networks, made.may_find, made.may_get) == ("Pano", "10.0.0.1", True, False)
    assert not UnknownCaller.objects.exists()
    assert ask("10.0.0.1", calling="STRANGER").remote_id == made.pk


def test_it_is_on_record(practice: Practice) -> None:
    remote(*ADD)
    remote("remove", "Pano")
    added, removed = Event.objects.filter(action=Event.Action.CONFIGURATION).order_by("pk")
    assert (added.actor, added.practice) == ("manage.py remote", practice)
    assert "Pano added" in added.detail
    assert "Pano removed" in removed.detail
