"""`manage.py import`: what is stored, what is said about it, and how it goes on after an interruption."""

import io
import os
import shutil
import signal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django.fixtures import Settings

from apps.accounts.models import Practice
from apps.archive.models import Instance, Study
from apps.archive.store import Batch, Origin, Outcome, Status
from apps.uploads import importing
from apps.uploads.entries import Kind
from apps.uploads.ledger import NAME
from tests import dicoms
from tests.uploads.media import dicomdir, write, zipped

SLICES = {f"{number}.dcm": content for number, content in enumerate(dicoms.ct_series(5))}


@pytest.fixture
def origin(practice: Practice) -> Origin:
    return Origin("import", practice.pk, "test")


@pytest.fixture
def slices(tmp_path: Path) -> Path:
    return write(tmp_path / "slices", SLICES)


def run(*arguments: str | Path) -> tuple[int, str]:
    """The command's exit code, and what it printed."""
    output = io.StringIO()
    try:
        call_command("import", *map(str, arguments), stdout=output)
    except SystemExit as end:
        return int(str(end.code)), output.getvalue()
    return 0, output.getvalue()


def counts(output: str) -> dict[str, int]:
    """The summary's rows: name to count."""
    rows = [line.split("  ") for line in output.splitlines()[1:]]
    cells = [[cell.strip() for cell in row if cell.strip()] for row in rows]
    return {row[0]: int(row[1].replace(",", "")) for row in cells if len(row) > 1 and row[1].isdigit()}


@pytest.mark.usefixtures("practice")
def test_what_is_stored_and_passed_over_is_summed_up(tmp_path: Path, slices: Path) -> None:
    write(slices, {"readme.txt": b"hello", "more.zip": zipped({"x": dicoms.secondary_capture()})})
    code, output = run(slices)
    assert (code, counts(output)) == (0, {"stored": 6, "not DICOM": 1})
    assert Instance.objects.count() == 6


@pytest.mark.usefixtures("practice")
def test_what_is_refused_is_told_with_its_reason_and_an_example(slices: Path) -> None:
    write(slices, {"broken.dcm": SLICES["0.dcm"][:-500]})
    code, output = run(slices)
    assert (code, counts(output)) == (1, {"stored": 5, "refused": 1})
    assert ("cut off" in output, "broken.dcm" in output) == (True, True)


@pytest.mark.usefixtures("practice")
def test_known_and_other_bytes_are_told_apart(slices: Path, tmp_path: Path) -> None:
    run(slices)
    again = write(tmp_path / "again", {"same": SLICES["0.dcm"], "other": dicoms.ct_slice(PatientName="X")})
    code, output = run(again)
    assert (code, counts(output)) == (0, {"known": 1, "quarantined": 1})


@pytest.mark.usefixtures("practice")
def test_what_a_dicomdir_misses_fails_the_import(slices: Path) -> None:
    write(slices, {"DICOMDIR": dicomdir("0.DCM", "LOST")})
    code, output = run(slices)
    assert (code, counts(output)["missing"], "LOST" in output) == (1, 1, True)


@pytest.mark.usefixtures("practice")
def test_finished_files_are_not_read_again(slices: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(slices)
    monkeypatch.setattr(Batch, "receive", lambda *_, **__: pytest.fail("read again"))
    code, output = run(slices)
    assert (code, counts(output)) == (0, {"unchanged": 5})


@pytest.mark.usefixtures("practice")
def test_no_resume_reads_everything_again(slices: Path) -> None:
    run(slices)
    assert counts(run(slices, "--no-resume")[1]) == {"known": 5}


@pytest.mark.usefixtures("practice")
def test_a_changed_file_is_read_again(slices: Path) -> None:
    run(slices)
    (slices / "0.dcm").write_bytes(dicoms.ct_slice(InstanceNumber=9))
    assert counts(run(slices)[1]) == {"stored": 1, "unchanged": 4}


def test_what_was_deleted_from_the_archive_is_stored_again(slices: Path, client: Client) -> None:
    run(slices)
    assert client.delete(f"/dicom-web/studies/{dicoms.STUDY_UID}").status_code < 300
    assert counts(run(slices)[1]) == {"stored": 5}


def test_the_ledger_is_the_practices_own(slices: Path, practice: Practice, other_practice: Practice) -> None:
    run(slices)
    assert counts(run(slices, "--practice", other_practice.name)[1]) == {"stored": 5}
    assert set(Study.objects.values_list("practice_id", flat=True)) == {practice.pk, other_practice.pk}


@pytest.mark.usefixtures("practice")
def test_a_ledger_that_is_broken_says_what_to_do(slices: Path, settings: Settings) -> None:
    settings.DATA.mkdir(parents=True)
    (settings.DATA / NAME).write_bytes(b"no database" * 100)
    with pytest.raises(CommandError, match="--no-resume"):
        run(slices)
    assert counts(run(slices, "--no-resume")[1]) == {"stored": 5}


@pytest.mark.usefixtures("practice")
def test_a_dry_run_stores_nothing(slices: Path) -> None:
    write(slices, {"readme.txt": b"hello"})
    code, output = run(slices, "--dry-run")
    assert (code, counts(output)) == (0, {"would be read": 5, "not DICOM": 1})
    assert Instance.objects.count() == 0


@pytest.mark.usefixtures("practice")
def test_a_path_that_is_not_there_fails(tmp_path: Path) -> None:
    code, output = run(tmp_path / "nowhere")
    assert (code, "no such file" in output) == (1, True)


@pytest.mark.usefixtures("practice")
def test_an_unknown_practice_is_told_with_the_known_ones(slices: Path) -> None:
    with pytest.raises(CommandError, match="North"):
        run(slices, "--practice", "Nowhere")


@pytest.mark.usefixtures("db")
def test_a_site_without_a_practice_says_so(slices: Path) -> None:
    with pytest.raises(CommandError, match="practice"):
        run(slices)


@pytest.mark.usefixtures("practice")
def test_ctrl_c_ends_with_a_summary_and_the_next_run_goes_on(slices: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    receive = Batch.receive

    def interrupted(batch: Batch, *arguments: object) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        receive(batch, *arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(Batch, "receive", interrupted)
        code, output = run(slices)
    assert (code, counts(output), "go on" in output) == (130, {"stored": 1}, True)
    assert counts(run(slices)[1]) == {"stored": 4, "unchanged": 1}


def test_a_full_disk_stops_the_import_and_says_so(slices: Path, origin: Origin, settings: Settings) -> None:
    settings.MIN_FREE_BYTES = 1 << 60
    summary = importing.run([slices], origin)
    assert (summary.has_failed, "full" in summary.stopped_by, Instance.objects.count()) == (True, True, 0)


def test_many_files_share_commits(tmp_path: Path, origin: Origin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "BATCH_COUNT", 3)
    commits: list[int] = []
    commit = Batch.commit

    def counted(batch: Batch) -> list[Outcome]:
        outcomes = commit(batch)
        commits.append(len(outcomes))
        return outcomes

    monkeypatch.setattr(Batch, "commit", counted)
    summary = importing.run([write(tmp_path / "in", SLICES)], origin)
    assert (summary.statuses[Status.STORED], commits) == (5, [3, 2])


def test_progress_comes_to_the_bytes_on_disk(slices: Path, origin: Origin) -> None:
    write(slices, {"readme.txt": b"hello"})
    weights: list[int] = []
    summary = importing.run([slices], origin, progress=lambda weight, _: weights.append(weight))
    assert sum(weights) == sum(file.stat().st_size for file in slices.iterdir())
    assert summary.kinds[Kind.NOT_DICOM] == 1


def test_a_source_that_breaks_is_refused_and_the_rest_is_stored(tmp_path: Path, origin: Origin) -> None:
    one, two = dicoms.ct_series(2)
    archive = bytearray(zipped({"1": one, "2": two}, 0))
    archive[len(one) // 2] ^= 1
    summary = importing.run([write(tmp_path / "in", {"all.zip": bytes(archive)})], origin)
    assert (summary.statuses[Status.STORED], summary.refusals) == (1, 1)


def test_a_moved_folder_is_known_by_its_content(slices: Path, origin: Origin, tmp_path: Path) -> None:
    importing.run([slices], origin)
    shutil.copytree(slices, tmp_path / "copy")
    assert importing.run([tmp_path / "copy"], origin).statuses[Status.KNOWN] == 5
