"""/healthz and /readyz: what they ask, what they tell to whom, and that a part that hangs holds nobody up."""

from collections.abc import Iterator
from threading import Event
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from apps.core.errors import Unavailable
from apps.jobs.models import Worker
from apps.ops import health, views
from apps.ops.health import Answer, Checkup, Failed
from tests.ops import thin

AFAR = {"REMOTE_ADDR": "203.0.113.9"}
TOKEN = "only-for-the-metrics"


def broken(error: Exception) -> Any:
    def check() -> None:
        raise error

    return check


def fine() -> None:
    return None


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sets what the checks of the page find."""

    def use(**checks: Any) -> None:
        monkeypatch.setattr(views, "checkup", Checkup(checks))

    return use


@pytest.fixture
def hanging() -> Iterator[Event]:
    """What a check waits for; set at the end, so that its thread ends too."""
    release = Event()
    yield release
    release.set()


def test_healthz_answers_without_a_database(anonymous: Client) -> None:
    response = anonymous.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_healthz_answers_whatever_host_it_is_asked_by() -> None:
    assert thin.get("/healthz", HTTP_HOST="10.1.2.3:8000").status == 200


def test_ready_when_all_parts_are(anonymous: Client, parts: Any) -> None:
    parts(database=fine, storage=fine)
    response = anonymous.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"state": "ok", "parts": {"database": {"state": "ok"}, "storage": {"state": "ok"}}}


def test_one_failing_part_makes_it_unready_and_says_why(anonymous: Client, parts: Any) -> None:
    parts(database=fine, storage=broken(Unavailable("The object storage does not answer.")))
    response = anonymous.get("/readyz")
    assert response.status_code == 503
    assert response.json()["parts"]["storage"] == {
        "state": "failed",
        "detail": "The object storage does not answer.",
    }
    assert response.json()["parts"]["database"] == {"state": "ok"}


@pytest.mark.parametrize(
    "caller", [AFAR, {"HTTP_X_FORWARDED_FOR": "203.0.113.9"}, {"HTTP_AUTHORIZATION": "Bearer guessed"}]
)
def test_others_learn_only_which_part_failed(
    anonymous: Client, parts: Any, settings: Settings, caller: dict[str, str]
) -> None:
    settings.METRICS_TOKEN = TOKEN
    parts(storage=broken(Failed("Disk /dev/sdb1 is away.")))
    response = anonymous.get("/readyz", **caller)
    assert response.json()["parts"] == {"storage": {"state": "failed"}}


def test_the_token_opens_the_details_from_afar(anonymous: Client, parts: Any, settings: Settings) -> None:
    settings.METRICS_TOKEN = TOKEN
    parts(storage=broken(Failed("The disk is away.")))
    response = anonymous.get("/readyz", HTTP_AUTHORIZATION=f"Bearer {TOKEN}", **AFAR)
    assert response.json()["parts"]["storage"]["detail"] == "The disk is away."


def test_a_part_that_hangs_is_not_waited_for(hanging: Event) -> None:
    checkup = Checkup({"storage": hanging.wait, "disk": fine}, patience=0.05)
    assert checkup.answers() == [Answer("storage", "It does not answer within 0.05 seconds."), Answer("disk")]


def test_a_part_that_hangs_is_asked_once(hanging: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "REMEMBERED", 0)
    asked = []
    checkup = Checkup({"storage": lambda: (asked.append(1), hanging.wait())}, patience=0.05)
    assert not checkup.answers()[0].is_ok
    assert not checkup.answers()[0].is_ok
    assert len(asked) == 1


def test_a_part_that_comes_back_is_well_again(hanging: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "REMEMBERED", 0)
    checkup = Checkup({"storage": lambda: hanging.wait(60)}, patience=0.05)
    assert not checkup.answers()[0].is_ok
    hanging.set()
    monkeypatch.setattr(checkup, "_patience", 60)
    assert checkup.answers() == [Answer("storage")]


def test_an_error_of_the_system_is_put_in_words() -> None:
    assert Checkup({"disk": broken(OSError(5, "Input/output error"))}).answers()[0].detail == (
        "It can't be reached: Input/output error."
    )


def test_a_database_that_is_away_is_named_without_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health.connection, "cursor", broken(OperationalError("host db.internal user fovea")))
    with pytest.raises(Failed, match=r"^The database does not answer\.$"):
        health.database()


@pytest.mark.django_db
def test_the_database_of_the_tests_is_well() -> None:
    health.database()


@pytest.mark.django_db
def test_without_a_worker_jobs_wait() -> None:
    with pytest.raises(Failed, match="No worker"):
        health.worker()
    Worker.objects.create(name="here:1", seen_at=timezone.now())
    health.worker()


def test_a_full_disk_is_told_with_the_setting_that_matters(settings: Settings) -> None:
    settings.DATA.mkdir()
    health.disk()
    settings.MIN_FREE_BYTES = 1 << 60
    with pytest.raises(Failed, match="FOVEA_MIN_FREE_MB"):
        health.disk()


def test_only_reading_is_answered(anonymous: Client) -> None:
    assert anonymous.post("/readyz").status_code == 405
