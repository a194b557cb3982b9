"""Patient data leaves where the webhook says so, by TLS alone, and each time is on record; elsewhere it never does."""

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from apps.accounts.models import Practice
from apps.archive import events
from apps.archive.models import Study
from apps.audit.models import Event as Entry
from apps.core.sealed import seal
from apps.practice.models import Match
from apps.webhooks import posting
from apps.webhooks.models import Delivery, Event, Webhook
from tests import dicoms
from tests.certificates import signed
from tests.dicomweb.archive import keep
from tests.practice.appointments.booked import lead_of
from tests.webhooks.conftest import SECRET
from tests.webhooks.receiver import Receiver

pytestmark = pytest.mark.django_db
Let = Callable[[], list[Delivery]]


@dataclass
class Safe:
    """A receiver by TLS: its address, its certificate, and what it was told."""

    url: str
    certificate: str
    told: list[dict[str, Any]] = field(default_factory=list)


@pytest.fixture
def safe(tmp_path: Path) -> Iterator[Safe]:
    signed("localhost", tmp_path / "receiver")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "receiver.pem", tmp_path / "receiver.key")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            safe.told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        safe = Safe(f"https://127.0.0.1:{server.server_port}/", (tmp_path / "receiver.pem").read_text())
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield safe
        server.shutdown()


@pytest.fixture
def full(practice: Practice, safe: Safe) -> Webhook:
    return Webhook.objects.create(
        practice=practice, name="Report writer", url=safe.url, certificate=safe.certificate, detail="full",
        events=["study.stable"], secret=seal(SECRET),
    )  # fmt: skip


def settle(practice: Practice) -> Study:
    keep(practice, dicoms.ct_slice(PatientName="Doe^Xanthippe", AccessionNumber="A77"))
    study = Study.objects.get(practice=practice)
    events.settled.send(sender=Study, study=study)
    return study


def test_patient_and_study_are_told_to_who_is_to_know_and_that_is_on_record(
    practice: Practice, full: Webhook, safe: Safe, delivered: Let
) -> None:
    study = settle(practice)
    lead = lead_of(practice, given_name="Xanthippe", external_id="P-7")
    Match.objects.update_or_create(study=study, defaults={"practice": practice, "lead": lead, "state": "linked"})
    assert [row.state for row in delivered()] == ["delivered"]
    data = safe.told[0]["data"]
    assert data["study"]["accessionNumber"] == "A77"
    assert data["study"]["patient"]["name"] == "Doe^Xanthippe"
    assert data["lead"] == {"id": lead.pk, "externalId": "P-7"}
    entry = Entry.objects.get(action="send", practice=practice)
    assert (entry.actor, entry.study_instance_uid, entry.detail) == (
        "courier", dicoms.STUDY_UID, "patient data to webhook Report writer",
    )  # fmt: skip


def test_nothing_of_the_patient_is_kept_in_the_outbox_or_told_to_others(
    practice: Practice, webhook: Webhook, full: Webhook, receiver: Receiver, delivered: Let
) -> None:
    settle(practice)
    delivered()
    kept = json.dumps([*Event.objects.values_list("data", "subject"), *Delivery.objects.values_list("answer")])
    assert "Xanthippe" not in kept
    assert "A77" not in kept
    assert "Xanthippe" not in json.dumps(receiver.events)
    assert Entry.objects.filter(action="send").count() == 1


def test_of_a_study_that_is_gone_nothing_but_its_number_is_told(
    practice: Practice, full: Webhook, safe: Safe, delivered: Let
) -> None:
    study = settle(practice)
    Study.objects.filter(pk=study.pk).update(study_instance_uid="1.2.3")
    delivered()
    assert "study" not in safe.told[0]["data"]
    assert not Entry.objects.filter(action="send").exists()


def test_who_shows_another_certificate_is_told_nothing(
    practice: Practice, full: Webhook, safe: Safe, delivered: Let, tmp_path: Path
) -> None:
    signed("localhost", tmp_path / "other")
    Webhook.objects.update(certificate=(tmp_path / "other.pem").read_text())
    settle(practice)
    assert delivered()[0].last_error == posting.NO_TRUST
    assert not safe.told
