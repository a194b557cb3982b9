"""/metrics: who may read it, what it counts, and that several processes count together."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import OperationalError
from django.test import Client
from pytest_django.fixtures import Settings

from apps.accounts.models import Practice
from apps.archive.outcomes import Origin
from apps.archive.store import store_one
from apps.jobs.models import Job, State
from apps.ops import metrics
from tests import dicoms

ROOT = Path(__file__).resolve().parents[2]
COUNT_ONE = "from apps.core import metrics; metrics.request_done('studies', 'GET', 200, 0.01)"
SHOW = "import django; django.setup(); from apps.ops import metrics; print(metrics.exposition().decode())"
pytestmark = pytest.mark.django_db


def value(text: str, series: str) -> float:
    """The value of one series in the exposition."""
    return next((float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(f"{series} ")), 0.0)


def shown(client: Client) -> str:
    return client.get("/metrics").content.decode()


@pytest.fixture(autouse=True)
def fresh_totals(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    monkeypatch.setattr(metrics, "TOTALS_HOLD", 0)
    settings.DATA.mkdir()


@pytest.mark.parametrize("caller", [{"REMOTE_ADDR": "203.0.113.9"}, {"HTTP_X_FORWARDED_FOR": "203.0.113.9"}])
def test_metrics_are_not_for_everybody(anonymous: Client, caller: dict[str, str]) -> None:
    response = anonymous.get("/metrics", **caller)
    assert response.status_code == 403
    assert b"FOVEA_METRICS_TOKEN" in response.content


def test_no_token_is_no_token(anonymous: Client) -> None:
    response = anonymous.get("/metrics", REMOTE_ADDR="203.0.113.9", HTTP_AUTHORIZATION="Bearer ")
    assert response.status_code == 403


def test_the_token_opens_them_from_afar(anonymous: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = "s3cret"
    response = anonymous.get("/metrics", REMOTE_ADDR="203.0.113.9", HTTP_AUTHORIZATION="Bearer s3cret")
    assert response.status_code == 200


def test_requests_are_counted_by_route_method_and_status(anonymous: Client) -> None:
    series = 'fovea_http_request_seconds_count{method="GET",route="healthz",status="200"}'
    before = value(shown(anonymous), series)
    anonymous.get("/healthz?PatientName=DOE")
    after = shown(anonymous)
    assert value(after, series) == before + 1
    assert "DOE" not in after


def test_an_odd_method_or_address_makes_no_series_of_its_own(anonymous: Client) -> None:
    anonymous.generic("BREW", "/pot/DOE")
    text = shown(anonymous)
    assert 'method="OTHER",route="unknown"' in text
    assert "BREW" not in text
    assert "DOE" not in text


def test_what_is_stored_is_counted_by_source_and_outcome(anonymous: Client, practice: Practice) -> None:
    received = 'fovea_instances_received_total{outcome="%s",source="a test"}'
    content = dicoms.ct_slice()
    for _ in range(2):
        store_one([content], Origin("a test", practice.pk, "nora"))
    store_one([b"no DICOM"], Origin("a test", practice.pk, "nora"))
    text = shown(anonymous)
    assert value(text, received % "stored") == 1
    assert value(text, received % "known") == 1
    assert value(text, received % "refused") == 1
    assert value(text, 'fovea_stored_bytes_received_total{source="a test"}') == len(content)
    assert value(text, "fovea_instances") == 1
    assert value(text, "fovea_stored_bytes") == len(content)


def test_jobs_are_shown_by_state(anonymous: Client) -> None:
    Job.objects.create(kind="x", state=State.QUEUED)
    Job.objects.create(kind="x", state=State.FAILED)
    text = shown(anonymous)
    assert value(text, 'fovea_jobs{state="queued"}') == 1
    assert value(text, 'fovea_jobs{state="failed"}') == 1
    assert value(text, "fovea_queue_length") == 1


def test_a_source_that_is_away_is_told_and_hides_no_other(anonymous: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> dict[str, int]:
        raise OperationalError

    monkeypatch.setattr(metrics, "archive_totals", away)
    text = shown(anonymous)
    assert value(text, 'fovea_source_up{source="archive"}') == 0
    assert value(text, 'fovea_source_up{source="disk"}') == 1
    assert value(text, "fovea_disk_free_bytes") > 0


def test_several_processes_count_together_and_leave_few_files(tmp_path: Path) -> None:
    folder = tmp_path / "counts"
    folder.mkdir()
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(folder), "FOVEA_DATA": str(tmp_path)}

    def python(program: str) -> str:
        command = [sys.executable, "-c", program]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
        return done.stdout

    for _ in range(3):
        python(COUNT_ONE)
    series = 'fovea_http_request_seconds_count{method="GET",route="studies",status="200"}'
    assert value(python(SHOW), series) == 3
    assert len(list(folder.glob("histogram_*.db"))) == 1
