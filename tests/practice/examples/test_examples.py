"""What docs/examples show of the API's use is so: run against a site with its web server, DICOM server and worker."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.dimse.site import DicomSite, Process, end
from tests.live import ROOT, SECRET, Server

EXAMPLES = ROOT / "docs" / "examples"
SECONDS = 240


@pytest.fixture(scope="module")
def surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What the examples are told of a running site by their environment."""
    folder: Path = tmp_path_factory.mktemp("practice")
    with DicomSite(folder) as site:
        site.prepare()
        with site.serving() as server, site.answering() as dicom, working(site):
            yield os.environ | told(server, dicom)


def told(server: Server, dicom: Process) -> dict[str, str]:
    return {
        "FOVEA_URL": f"http://127.0.0.1:{server.port}",
        "FOVEA_DICOM": f"127.0.0.1:{dicom.port}",
        "FOVEA_TOKEN": SECRET,
    }


@contextmanager
def working(site: DicomSite) -> Iterator[None]:
    """The site's worker, until the block ends."""
    pid = site.fork("manage.py", "worker")
    try:
        yield
    finally:
        end(pid)


def run(surroundings: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, check=False, env=surroundings, capture_output=True, text=True, timeout=SECONDS, cwd=ROOT
    )


def test_the_practice_s_day_goes_well_and_can_be_lived_again(surroundings: dict[str, str]) -> None:
    for _ in range(2):
        done = run(surroundings, sys.executable, str(EXAMPLES / "practice_day.py"))
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
        assert "/viewer/viewer?StudyInstanceUIDs=" in done.stdout
        assert done.stdout.endswith("All is as it should be.\n")


def test_it_says_what_is_not_as_it_should_be(surroundings: dict[str, str]) -> None:
    done = run(surroundings, sys.executable, str(EXAMPLES / "practice_day.py"), "--token", "wrong")
    assert done.returncode == 1
    assert done.stderr.startswith("Not as it should be: GET /api/me was answered with 401")


def test_the_calls_by_curl_are_answered(surroundings: dict[str, str]) -> None:
    done = run(surroundings, "sh", str(EXAMPLES / "practice.sh"))
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert '"xrayType":"BITEWING"' in done.stdout.replace(": ", ":")
    assert '"state":"cancelled"' in done.stdout.replace(": ", ":")


def test_the_calls_by_curl_end_at_the_first_that_is_refused(surroundings: dict[str, str]) -> None:
    done = run(surroundings | {"FOVEA_TOKEN": "wrong"}, "sh", str(EXAMPLES / "practice.sh"))
    assert done.returncode != 0
    assert '"status":401' in done.stdout.replace(": ", ":")
