"""What a run stores and what it lets go of, wherever an attempt ends."""

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pydoc import locate
from typing import Any

import pytest
from django.conf import settings

from apps.accounts.models import Practice
from apps.accounts.principal import Principal
from apps.analysis import asking, folders, kinds, results, storing, working
from apps.analysis.kinds import Result, Run
from apps.analysis.models import Analysis
from apps.analysis.uids import uid
from apps.archive.models import Instance, Quarantined, Series, Study
from apps.archive.store import Batch
from apps.audit.models import Event
from apps.core.errors import Conflict, NotFound, TooLarge
from apps.core.version import VERSION
from apps.jobs.handle import Cancelled, JobHandle, Lost, Progress, Sign, Stopped
from apps.jobs.models import Job, State
from tests.analysis.conftest import NAME, STEP, Copies, store, stored, work, worked
from tests.dicoms import SERIES_UID, STUDY_UID, ct_slice

pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """The process is gone: nothing catches this."""


def ask(who: Principal, *, again: bool = False, **given: Any) -> Analysis:
    return asking.ask(who, STUDY_UID, NAME, given, again=again).analysis


def series_of(study: Study) -> set[str]:
    return set(study.series.values_list("series_instance_uid", flat=True))


def test_a_run_stores_a_series_and_the_row_tells_of_what_it_came(who: Principal, study: Study, copies: Copies) -> None:
    copies.flags = ("gap",)
    row = ask(who, howMany=3, look="bold")
    told = work(row)
    row.refresh_from_db()
    [series] = row.series_instance_uids
    assert told == {"analysis": row.pk, "seriesInstanceUids": [series], "instances": 3}
    assert series_of(study) == {SERIES_UID, series}
    assert (row.run, row.code_version, row.software_version) == (1, 3, VERSION)
    assert (row.flags, row.is_quantifiable, row.summary) == (["gap"], False, {"look": "bold"})
    assert row.inputs["seriesInstanceUids"] == [SERIES_UID]
    assert row.stored_at is not None
    event = Event.objects.get(action=Event.Action.IMPORT, source="analysis")
    assert (event.actor, event.count) == ("nora", 3)


def test_the_kind_gets_valid_parameters_and_a_folder_of_its_own(who: Principal, study: Study, copies: Copies) -> None:
    work(ask(who, howMany=1, arch=[1, 2]))
    [run] = copies.runs
    assert run.parameters == {
        "series": SERIES_UID, "how_many": 1, "brightness": 1.0, "look": "plain", "is_marked": False,
        "arch": [1.0, 2.0],
    }  # fmt: skip
    assert run.folder.parent == settings.DATA / "analysis"
    assert not run.folder.exists()


def test_it_says_how_far_it_is(who: Principal, study: Study, copies: Copies) -> None:
    row = ask(who)
    assert row.job_id is not None
    said: list[tuple[int, str]] = []

    class Heard(JobHandle):
        def progress(self, done: int, total: int | None = None, text: str = "") -> None:
            assert total == working.WHOLE
            said.append((done, text))

    handle = Heard(row.job_id, 1)
    working.run(handle, row.pk)
    assert handle.said == Progress(working.WHOLE, working.WHOLE, working.STORED)
    assert said == [
        (0, working.STARTING), (450, STEP), (900, STEP), (900, storing.STORING), (900, storing.STORING),
        (950, storing.STORING),
    ]  # fmt: skip


def test_a_rerun_of_the_same_gives_the_same_and_doubles_nothing(who: Principal, study: Study, copies: Copies) -> None:
    row = worked(ask(who))
    first = stored(row)
    again = worked(ask(who, again=True))
    assert (again.pk, again.run) == (row.pk, 2)
    assert stored(again) == first
    assert Series.objects.count() == 2
    assert Instance.objects.count() == 5
    assert not Quarantined.objects.exists()
    assert not Event.objects.filter(action=Event.Action.DELETE).exists()


def test_other_bytes_under_the_same_uids_replace_those_before(
    who: Principal, study: Study, copies: Copies, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = worked(ask(who))
    digests = set(Instance.objects.values_list("digest", flat=True))
    made = copies._copy
    monkeypatch.setattr(copies, "_copy", lambda run, number: made(run, number) + b"\x20\x00\x00\x40LT\x02\x00ab")
    worked(ask(who, again=True))
    assert len(stored(row)) == 2
    assert not Quarantined.objects.exists()
    assert len(digests - set(Instance.objects.values_list("digest", flat=True))) == 2


def test_a_rerun_of_changed_images_replaces_the_series(
    who: Principal, practice: Practice, study: Study, copies: Copies
) -> None:
    row = worked(ask(who))
    [first] = row.series_instance_uids
    store(practice, [ct_slice(InstanceNumber=9)])
    again = worked(ask(who))
    [second] = again.series_instance_uids
    assert second != first
    assert series_of(study) == {SERIES_UID, second}
    assert again.leftover_uids == []
    event = Event.objects.get(action=Event.Action.DELETE)
    assert (event.source, event.on_behalf_of, event.count) == (results.REPLACED, "nora", 2)


def test_the_series_before_goes_only_when_the_new_one_is_stored(
    who: Principal, practice: Practice, study: Study, copies: Copies, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = worked(ask(who))
    [first] = row.series_instance_uids
    store(practice, [ct_slice(InstanceNumber=9)])
    copies.error = Conflict("These images show nothing.")
    failed = worked(ask(who))
    assert failed.state == State.FAILED
    assert failed.series_instance_uids == [first]
    assert series_of(study) == {SERIES_UID, first}
    assert (failed.run, len(stored(failed))) == (1, 2)


@pytest.mark.parametrize(
    ("place", "is_after"),
    [
        ("apps.analysis.storing._stored", False),
        ("apps.analysis.storing._stored", True),
        ("apps.analysis.working._note", True),
        ("apps.archive.lifecycle.delete_series", True),
        ("apps.analysis.working.remove_leftovers", True),
    ],
)
def test_killed_anywhere_the_next_attempt_gives_the_same(
    who: Principal,
    practice: Practice,
    study: Study,
    copies: Copies,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
    is_after: bool,
) -> None:
    worked(ask(who))
    store(practice, [ct_slice(InstanceNumber=9)])
    row = ask(who)
    with monkeypatch.context() as patch:
        patch.setattr(place, killing(place, is_after=is_after))
        with pytest.raises(Killed):
            work(row)
    work(row)
    row.refresh_from_db()
    assert series_of(study) == {SERIES_UID, *row.series_instance_uids}
    assert len(row.series_instance_uids) == 1
    assert (row.run, row.instance_count, row.leftover_uids) == (2, 2, [])
    assert Instance.objects.count() == 6


def killing(place: str, *, is_after: bool) -> Callable[..., Any]:
    """The function of this name, before or after which the process is gone."""
    function = locate(place)
    assert callable(function)

    def killed(*args: Any, **named: Any) -> Any:
        if is_after:
            function(*args, **named)
        raise Killed

    return killed


def test_of_a_run_that_broke_off_while_storing_nothing_stays(
    who: Principal,
    study: Study,
    copies: Copies,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    row = ask(who)
    refuse = Conflict("The archive takes no more.")

    def commit_and_fail(batch: Batch) -> None:
        Batch._commit_pending(batch)
        raise refuse

    monkeypatch.setattr(Batch, "commit", commit_and_fail)
    with django_capture_on_commit_callbacks(execute=True):
        worked(row)
    row.refresh_from_db()
    assert (row.state, row.series_instance_uids, row.leftover_uids) == (State.FAILED, [], [])
    assert series_of(study) == {SERIES_UID}


@pytest.mark.parametrize(("sign", "stopped"), [(Sign.CANCEL, Cancelled), (Sign.LOST, Lost)])
def test_a_run_that_is_to_stop_stores_nothing(
    who: Principal,
    study: Study,
    copies: Copies,
    monkeypatch: pytest.MonkeyPatch,
    sign: Sign,
    stopped: type[Stopped],
) -> None:
    row = ask(who)
    assert row.job_id is not None
    handle = JobHandle(row.job_id, 1)

    def stopped_meanwhile(run: Run) -> Result:
        files = tuple(copies._files(run))
        handle.sign = sign
        return Result(files)

    known = kinds.find(NAME)
    assert known is not None
    monkeypatch.setitem(kinds._kinds, NAME, replace(known, run=stopped_meanwhile))
    with pytest.raises(stopped):
        working.run(handle, row.pk)
    row.refresh_from_db()
    assert row.leftover_uids == []
    assert series_of(study) == {SERIES_UID}
    assert not list((settings.DATA / "analysis").iterdir())


def test_fewer_images_than_before_leave_none_of_the_others(
    who: Principal, study: Study, copies: Copies, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = worked(ask(who))
    files = copies._files
    monkeypatch.setattr(copies, "_files", lambda run: [next(iter(files(run)))])
    again = worked(ask(who, again=True))
    assert (again.instance_count, len(stored(again))) == (1, 1)
    assert row.series_instance_uids == again.series_instance_uids


@pytest.mark.parametrize("names", [{"study_uid": "1.2.3"}, {"series_uid": SERIES_UID}])
def test_what_is_not_its_own_is_never_touched(
    who: Principal, study: Study, copies: Copies, names: dict[str, str]
) -> None:
    before = set(Instance.objects.values_list("sop_instance_uid", "digest"))
    for name, value in names.items():
        setattr(copies, name, value)
    with pytest.raises(storing.NotOfStudy):
        work(ask(who))
    assert set(Instance.objects.values_list("sop_instance_uid", "digest")) == before


def test_no_images_and_too_many_are_said(
    who: Principal, study: Study, copies: Copies, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Conflict, match="Nothing came of this analysis"):
        work(ask(who, howMany=0))
    monkeypatch.setattr(storing, "MOST_FILES", 2)
    with pytest.raises(TooLarge, match="more than 2 images"):
        work(ask(who, howMany=3))
    assert series_of(study) == {SERIES_UID}


def test_what_is_no_dicom_file_is_the_kinds_fault(
    who: Principal, study: Study, copies: Copies, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "_copy", lambda run, number: b"no DICOM")
    with pytest.raises(storing.NotOfStudy):
        work(ask(who))


def test_a_study_a_kind_or_a_job_that_is_none_any_more(
    who: Principal, study: Study, copies: Copies, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = ask(who)
    other = Job.objects.create(kind="analysis", practice=study.practice)
    with pytest.raises(Conflict, match="asked for again"):
        working.run(JobHandle(other.pk, 1), row.pk)
    with pytest.raises(NotFound):
        working.run(JobHandle(other.pk, 1), row.pk + 1)
    monkeypatch.setattr(kinds, "_kinds", {})
    with pytest.raises(Conflict, match="no analyses of the kind copies"):
        work(row)


def test_the_row_keeps_how_it_ended_when_its_job_is_gone(who: Principal, study: Study, copies: Copies) -> None:
    copies.error = Conflict("These images show nothing.")
    row = worked(ask(who))
    Job.objects.all().delete()
    row = Analysis.objects.get(pk=row.pk)
    assert (row.state, row.error) == (State.FAILED, "These images show nothing.")
    assert list(Analysis.objects.in_state("failed")) == [row]


def test_uids_follow_from_what_they_are_made_of() -> None:
    assert uid("seed", "series") == uid("seed", "series")
    assert uid("seed", "series") != uid("seed", "image 1")
    assert uid("seed", "series") != uid("other", "series")
    assert uid("seed", "series").startswith("2.25.")
    assert len(uid("seed", "series")) <= 64
    with pytest.raises(ValueError, match="follow"):
        uid("", "series")


def test_folders_of_killed_workers_go() -> None:
    with folders.work() as folder:
        (folder / "file").write_bytes(b"x")
        left = folders.Folder.new().path
        long_ago = time.time() - 3600 * (folders.HOURS + 1)
        os.utime(left, (long_ago, long_ago))
        folders.on_minute()
        assert not left.exists()
        assert folder.exists()
    assert not folder.exists()
