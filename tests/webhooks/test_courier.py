"""`manage.py courier` as it is run: killed at any moment, started again, nothing is lost."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests import migrated
from tests.webhooks.conftest import SECRET
from tests.webhooks.receiver import Receiver

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120

HAPPEN = """
from apps.accounts.models import Practice
from apps.core.sealed import seal
from apps.webhooks import outbox
from apps.webhooks.models import Webhook
practice = Practice.objects.get_or_create(name="North")[0]
Webhook.objects.get_or_create(practice=practice, name="PMS", defaults=dict(
    url={url!r}, events=["study.stable"], secret=seal({secret!r})))
for number in range({first}, {last}):
    outbox.put(practice.pk, "study.stable", f"1.2.{{number % 5}}", {{"studyInstanceUid": f"1.2.{{number % 5}}",
        "modalities": [], "series": 1, "instances": number}})
"""
LAPSE = """
from datetime import timedelta
from django.db.models import F
from apps.webhooks.models import Delivery
Delivery.objects.filter(state="sending").update(next_at=F("next_at") - timedelta(minutes=10))
"""


class Site:
    """A database and a courier of the test's own."""

    def __init__(self, folder: Path) -> None:
        self.environment = os.environ | {
            "FOVEA_DATA": str(folder),
            "FOVEA_SECRET_KEY": "tests",
            "FOVEA_WEBHOOK_NETWORKS": "127.0.0.1",
        }
        migrated.lay_out(folder)

    def manage(self, *arguments: str) -> None:
        subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env=self.environment, check=True)

    def shell(self, code: str) -> None:
        self.manage("shell", "--no-imports", "--command", code)

    def courier(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen([sys.executable, "manage.py", "courier"], cwd=ROOT, env=self.environment)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "site")


def wait_for(receiver: Receiver, count: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while len(receiver.events) < count:
        assert time.monotonic() < deadline, len(receiver.events)
        time.sleep(0.05)


def test_one_that_is_killed_loses_nothing_and_one_that_is_told_to_end_gives_back(
    site: Site, receiver: Receiver
) -> None:
    receiver.order(secret=SECRET, seconds=0.05)
    site.shell(HAPPEN.format(url=receiver.url, secret=SECRET, first=0, last=60))
    courier = site.courier()
    wait_for(receiver, 5)
    courier.kill()
    courier.wait()
    # The lease of what it had: the clock can't be turned.
    site.shell(LAPSE)
    courier = site.courier()
    wait_for(receiver, 30)
    courier.send_signal(signal.SIGTERM)
    assert courier.wait(PATIENCE) == 0
    courier = site.courier()
    try:
        wait_for(receiver, 60)
    finally:
        courier.terminate()
        courier.wait(PATIENCE)
    told = [event["data"]["instances"] for event in receiver.events]
    assert sorted(told) == list(range(60))
