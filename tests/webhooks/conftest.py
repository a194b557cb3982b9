"""A receiver in a process of its own, a webhook of the practice's that leads there, and a courier that is let go on."""

from collections.abc import Callable, Iterator
from ipaddress import ip_network
from threading import Event

import pytest
from pytest_django.fixtures import Settings

from apps.accounts.models import Practice
from apps.core.sealed import seal
from apps.dicom.network import addresses
from apps.webhooks import schedule
from apps.webhooks.courier import Courier
from apps.webhooks.models import Delivery, Webhook
from apps.webhooks.signing import new_secret
from tests.webhooks.receiver import Receiver, receiving
from tests.webhooks.working import deliver

SECRET = new_secret()
EVERYTHING = [
    *("study.received", "study.stable", "study.matched", "study.needsReview", "study.unmatched", "job.finished"),
]


@pytest.fixture(autouse=True)
def here_allowed(settings: Settings) -> None:
    """The receivers of the tests are on this machine."""
    settings.WEBHOOK_NETWORKS = (ip_network("127.0.0.1"),)
    settings.DATA.mkdir(parents=True, exist_ok=True)
    addresses.forget_all()


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    with receiving(tmp_path_factory.mktemp("receivers") / "one") as receiver:
        yield receiver


@pytest.fixture
def receiver(process: Receiver) -> Receiver:
    """The process, which has seen nothing yet and believes what is signed by SECRET."""
    for name in ("events.jsonl", "raw.jsonl"):
        (process.folder / name).unlink(missing_ok=True)
    process.order(secret=SECRET)
    return process


@pytest.fixture
def webhook(practice: Practice, receiver: Receiver) -> Webhook:
    return Webhook.objects.create(
        practice=practice, name="Practice software", url=receiver.url, events=EVERYTHING, secret=seal(SECRET)
    )


@pytest.fixture
def elsewhere(practice: Practice) -> Webhook:
    """One that nobody answers at: nothing listens at the first port."""
    return Webhook.objects.create(
        practice=practice, name="Elsewhere", url="http://127.0.0.1:1/", events=EVERYTHING, secret=seal(SECRET)
    )


@pytest.fixture
def courier() -> Iterator[Courier]:
    courier = Courier(Event())
    yield courier
    courier._pool.shutdown(cancel_futures=True)
    courier._idle.close_old(0)


@pytest.fixture
def delivered(courier: Courier) -> Callable[[], list[Delivery]]:
    """Let the courier send all that is due; gives all deliveries, the first first."""

    def let_it() -> list[Delivery]:
        deliver(courier)
        return list(Delivery.objects.select_related("event", "webhook").order_by("pk"))

    return let_it


@pytest.fixture
def no_jitter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "JITTER", 0.0)
