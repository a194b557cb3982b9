"""The record goes to a real rsyslog over TLS, whole and in order, whatever happens to the collector."""

from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest
from pytest_django.fixtures import Settings

from apps.accounts.models import Practice
from apps.audit import shipping
from apps.audit.models import Event
from apps.audit.record import Action, tell
from apps.core.errors import Unavailable
from tests.audit.collector import Collector, make_certificates, rsyslog
from tests.servers import free_port

pytestmark = [pytest.mark.django_db, pytest.mark.server, pytest.mark.one_database]


def use(settings: Settings, folder: Path, port: int) -> None:
    settings.AUDIT_SYSLOG = ("127.0.0.1", port)
    settings.AUDIT_SYSLOG_CA = str(folder / "ca.pem")
    settings.AUDIT_SYSLOG_CERT, settings.AUDIT_SYSLOG_KEY = str(folder / "client.pem"), str(folder / "client.key")


def tell_some(practice: Practice, count: int) -> None:
    for number in range(count):
        tell(Action.EDIT, actor="nora", practice_id=practice.pk, study_instance_uid="1.2.3", detail=f"№ {number}\n")


def numbers(collector: Collector, count: int) -> list[int]:
    """The sequence numbers that came, in their order."""
    texts = [fromstring(each["text"].lstrip("\ufeff")) for each in collector.received(count)]
    assert all(text.tag == "AuditMessage" for text in texts)
    hashes = {event.hash: event.sequence for event in Event.objects.all()}
    return [next(hashes[hash_] for hash_ in hashes if hash_ in _chain_of(text)) for text in texts]


def _chain_of(text: object) -> str:
    from base64 import b64decode

    details = text.iter("ParticipantObjectDetail")  # type: ignore[attr-defined]
    return next(b64decode(each.get("value")).decode() for each in details if each.get("type") == "Chain")


def test_messages_arrive_as_the_standards_ask(practice: Practice, settings: Settings, tmp_path: Path) -> None:
    tell_some(practice, 2)
    with rsyslog(tmp_path) as collector:
        use(settings, tmp_path, collector.port)
        assert shipping.ship() == 2
        first, _ = collector.received(2)
        assert numbers(collector, 2) == [1, 2]
    assert (first["priority"], first["application"], first["id"]) == ("85", "fovea", "DICOM+RFC3881")


def test_nothing_is_lost_while_the_collector_is_away(practice: Practice, settings: Settings, tmp_path: Path) -> None:
    port = free_port()
    make_certificates(tmp_path)
    use(settings, tmp_path, port)
    tell_some(practice, 3)
    with pytest.raises(Unavailable, match="can't be reached"):
        shipping.ship()
    with rsyslog(tmp_path, port=port):
        assert shipping.ship() == 3
    tell_some(practice, 4)
    with pytest.raises(Unavailable):
        shipping.ship()
    with rsyslog(tmp_path, port=port) as collector:
        assert shipping.ship() == 4
        assert shipping.ship() == 0
        assert numbers(collector, 7) == [1, 2, 3, 4, 5, 6, 7]


def test_many_are_sent_in_several_connections(
    practice: Practice, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipping, "BATCH", 30)
    tell_some(practice, 100)
    with rsyslog(tmp_path) as collector:
        use(settings, tmp_path, collector.port)
        assert shipping.ship() == 100
        assert numbers(collector, 100) == list(range(1, 101))


def test_a_collector_that_others_pose_as_gets_nothing(practice: Practice, settings: Settings, tmp_path: Path) -> None:
    tell_some(practice, 1)
    (tmp_path / "own").mkdir()
    make_certificates(tmp_path / "own")
    (tmp_path / "theirs").mkdir()
    with rsyslog(tmp_path / "theirs", mutual=False) as collector:
        use(settings, tmp_path / "own", collector.port)
        with pytest.raises(Unavailable, match="verif"):
            shipping.ship()
        assert not (collector.folder / "received").exists()


def test_a_site_without_a_certificate_is_told(practice: Practice, settings: Settings, tmp_path: Path) -> None:
    tell_some(practice, 1)
    with rsyslog(tmp_path) as collector:
        use(settings, tmp_path, collector.port)
        settings.AUDIT_SYSLOG_CERT = settings.AUDIT_SYSLOG_KEY = ""
        with pytest.raises(Unavailable):
            shipping.ship()
    assert shipping.waiting() == 1


def test_pauses_grow_while_it_is_away(practice: Practice, settings: Settings, tmp_path: Path) -> None:
    make_certificates(tmp_path)
    use(settings, tmp_path, free_port())
    tell_some(practice, 1)
    shipper = shipping.Shipper()
    pauses = []
    for _ in range(9):
        shipper.ship_when_due()
        shipper.due = 0
        pauses.append(shipper.pause)
    assert pauses == [5, 10, 20, 40, 80, 160, 300, 300, 300]
