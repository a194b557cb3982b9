"""DICOMweb remotes that answer what they should not: everything ends in words, within bounds."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.accounts.models import Practice, User
from apps.accounts.principal import Principal
from apps.archive.models import Instance
from apps.core.sealed import seal
from apps.remotes import exporting
from apps.remotes.asking import Query
from apps.remotes.failures import RemoteFailed, RemoteRefused
from apps.remotes.found import studies_in
from apps.remotes.importing import _origin
from apps.remotes.intake import Intake, Unit
from apps.remotes.lines import line_to
from apps.remotes.models import Protocol, Remote
from apps.remotes.web.connections import Forbidden, _check
from apps.remotes.web.qido import data_sets, echo
from tests import dicoms
from tests.dicomweb.archive import keep
from tests.live import MULTIPART, multipart
from tests.remotes.answering import Answers, answering
from tests.remotes.jobs import do

STUDY = Unit(dicoms.STUDY_UID)


@pytest.fixture
def answers() -> Iterator[Answers]:
    with answering() as answers:
        yield answers


@pytest.fixture
def remote(answers: Answers, practice: Practice) -> Remote:
    url = f"http://127.0.0.1:{answers.port}/pacs/"
    return Remote.objects.create(practice=practice, name="Odd one", protocol=Protocol.DICOMWEB, url=url)


@pytest.fixture
def intake(remote: Remote, user: User) -> Intake:
    return Intake(_origin(remote, Principal.of(user)), None, lambda _: None)


def test_it_is_asked_below_its_address_and_told_who_asks(answers: Answers, remote: Remote) -> None:
    echo(remote)
    remote.secret = seal("token")
    echo(remote)
    remote.username = "fovea"
    echo(remote)
    path = "GET /pacs/studies?limit=1"
    assert answers.asked == [f"{path} ", f"{path} Bearer token", f"{path} Basic Zm92ZWE6dG9rZW4="]


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [
        (301, RemoteRefused, "not followed"),
        (307, RemoteRefused, "not followed"),
        (400, RemoteRefused, "does not take this request"),
        (401, RemoteRefused, "check the user name"),
        (404, RemoteRefused, "nothing at this address"),
        (429, RemoteFailed, "Try again"),
        (500, RemoteFailed, "Try again"),
    ],
)
def test_each_refusal_is_told_in_words(
    answers: Answers, remote: Remote, status: int, error: type[Exception], words: str
) -> None:
    answers.status, answers.headers = status, {"Location": f"http://127.0.0.1:{answers.port}/elsewhere"}
    with pytest.raises(error, match=words):
        echo(remote)
    assert len(answers.asked) == 1


@pytest.mark.parametrize("body", [b"<html>", b"[{]", b"[1]", b'"x"', b"\xff\xfe", b'[{"0020000D":'])
def test_what_is_no_answer_is_said_to_be_none(answers: Answers, remote: Remote, body: bytes) -> None:
    answers.body = body
    with pytest.raises(RemoteFailed, match="DICOM JSON"):
        echo(remote)


def test_an_answer_that_goes_on_for_ever_is_ended(
    answers: Answers, remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.remotes.web.qido.ANSWER_BYTES", 1 << 20)
    answers.body = b" " * (3 << 20)
    with pytest.raises(RemoteFailed, match="longer than 1 MiB"):
        echo(remote)


def test_an_answer_that_takes_for_ever_is_ended(
    answers: Answers, remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.remotes.web.qido.SECONDS", -1.0)
    with pytest.raises(RemoteFailed, match="took too long"):
        echo(remote)


def test_studies_without_a_uid_are_left_out_and_more_than_asked_for_are_cut(answers: Answers, remote: Remote) -> None:
    uids = ["../../etc", "1.2.3", "1.2.4", "1.2.5"]
    answers.body = orjson.dumps([{"0020000D": {"vr": "UI", "Value": [uid]}} for uid in uids] + [{}])
    found = line_to(remote).studies(Query(patient_id="1"), 2)
    assert [study.study_instance_uid for study in found.studies] == ["1.2.3", "1.2.4"]
    assert not found.is_complete


def test_a_server_that_knows_no_pages_is_not_asked_for_ever(answers: Answers, remote: Remote) -> None:
    instance = {"0020000E": {"vr": "UI", "Value": ["1.2"]}, "00080018": {"vr": "UI", "Value": ["1.2.3"]}}
    answers.body = orjson.dumps([instance])
    assert len(line_to(remote).instances(["1.2"])["1.2"]) == 1
    assert len(answers.asked) == 2


def test_what_came_before_the_connection_broke_is_kept(answers: Answers, remote: Remote, intake: Intake) -> None:
    whole = multipart(*dicoms.ct_series(3))
    answers.content_type, answers.body, answers.promised = MULTIPART, whole[:-4000], 4000
    with pytest.raises(RemoteFailed):
        line_to(remote).fetch([STUDY], (), intake)
    assert Instance.objects.filter(series__study__practice=remote.practice).count() == len(intake.arrived) == 2


@pytest.mark.parametrize("content_type", ["text/html", "multipart/related", "multipart/related; boundary=other"])
def test_what_holds_no_objects_is_said_to_hold_none(
    answers: Answers, remote: Remote, intake: Intake, content_type: str
) -> None:
    answers.content_type, answers.body = content_type, multipart(dicoms.ct_slice())
    with pytest.raises(RemoteFailed, match="can't be read"):
        line_to(remote).fetch([STUDY], (), intake)


def test_a_single_object_may_come_by_itself(answers: Answers, remote: Remote, intake: Intake) -> None:
    answers.content_type, answers.body = "application/dicom", dicoms.ct_slice()
    line_to(remote).fetch([STUDY], (), intake)
    assert len(intake.arrived) == 1


def test_objects_of_another_study_are_not_taken_in(answers: Answers, remote: Remote, intake: Intake) -> None:
    answers.content_type, answers.body = MULTIPART, multipart(dicoms.ct_slice(StudyInstanceUID="1.2.3"))
    line_to(remote).fetch([STUDY], (), intake)
    assert not intake.arrived
    assert intake.refusal


def test_what_a_store_refuses_is_told_with_its_reason(answers: Answers, remote: Remote, user: User) -> None:
    keep(remote.practice, *dicoms.ct_series(2))
    refused = {"00081155": {"vr": "UI", "Value": [dicoms.uid(1, 1, 1)]}, "00081197": {"vr": "US", "Value": [0x0122]}}
    taken = {"00081155": {"vr": "UI", "Value": [dicoms.uid(1, 1, 2)]}}
    sequences = {"00081198": {"vr": "SQ", "Value": [refused]}, "00081199": {"vr": "SQ", "Value": [taken]}}
    answers.status, answers.body = 409, orjson.dumps(sequences)
    with pytest.raises(RemoteRefused, match="did not take 1 of 2 instances"):
        do(exporting.ask(Principal.of(user), remote, [dicoms.STUDY_UID]))
    assert answers.sent[0].count(b"Content-Type: application/dicom") == 2


def test_a_store_that_says_nothing_has_not_been_confirmed(answers: Answers, remote: Remote, user: User) -> None:
    keep(remote.practice, dicoms.ct_slice())
    answers.status, answers.body = 409, b""
    with pytest.raises(RemoteFailed, match="does not say what became"):
        do(exporting.ask(Principal.of(user), remote, [dicoms.STUDY_UID]))


@pytest.mark.parametrize("address", ["169.254.169.254", "::ffff:169.254.169.254", "fe80::1%eth0", "0.0.0.0", "ff02::1"])
def test_addresses_of_the_machine_s_own_are_not_asked(address: str) -> None:
    closed: list[bool] = []
    sock = SimpleNamespace(getpeername=lambda: (address, 80))
    connection: Any = SimpleNamespace(sock=sock, close=lambda: closed.append(True), host="x")
    with pytest.raises(Forbidden):
        _check(connection)
    assert closed


@given(st.binary(max_size=200) | st.recursive(st.none() | st.text(), st.lists).map(orjson.dumps))
def test_any_body_is_data_sets_or_refused(body: bytes) -> None:
    try:
        found = list(data_sets(body))
    except RemoteFailed:
        return
    studies_in(found)
