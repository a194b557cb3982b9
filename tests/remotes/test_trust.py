"""Certificates: which a caller must present, which a remote must, and this server's own."""

import ssl
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from apps.dicom.network.pdu import Rejection
from apps.remotes import own_certificate, trust
from apps.remotes.admission import NotAdmitted, admit
from apps.remotes.certificates import certificates_of
from apps.remotes.models import Remote
from tests import certificates
from tests.remotes.asking import HERE, reload, request
from tests.remotes.peer import serving_tls, shaken


@pytest.fixture
def device(tmp_path: Path) -> Path:
    certificates.signed("device", tmp_path / "device")
    return tmp_path / "device.pem"


@pytest.fixture
def other(tmp_path: Path) -> Path:
    certificates.signed("other", tmp_path / "other")
    return tmp_path / "other.pem"


def der(path: Path) -> bytes:
    return certificates_of(path.read_text())[0]


def test_a_remote_with_a_certificate_must_present_it_by_tls(xray: Remote, device: Path, other: Path) -> None:
    reload(xray, certificate=device.read_text())
    assert admit(request(), HERE, der(device), True).remote_id == xray.pk
    for presented, is_tls in ((None, False), (None, True), (der(other), True), (der(device), False)):
        with pytest.raises(NotAdmitted, match="recognised") as refused:
            admit(request(), HERE, presented, is_tls)
        assert refused.value.rejection == Rejection.CALLING_AE_TITLE_NOT_RECOGNISED
        assert "certificate" in refused.value.reason


def test_the_right_certificate_at_the_wrong_address_is_no_one(xray: Remote, device: Path) -> None:
    reload(xray, certificate=device.read_text())
    with pytest.raises(NotAdmitted):
        admit(request(), "10.0.0.1", der(device), True)


def test_while_a_certificate_is_renewed_both_count(xray: Remote, device: Path, other: Path) -> None:
    reload(xray, certificate=device.read_text() + other.read_text())
    assert admit(request(), HERE, der(device), True) == admit(request(), HERE, der(other), True)


def test_of_two_at_one_place_the_one_of_the_certificate_calls(xray: Remote, device: Path) -> None:
    second = Remote.objects.create(
        practice=xray.practice, name="Second", title=xray.title, host=HERE, certificate=device.read_text()
    )
    assert admit(request(), HERE, der(device), True).remote_id == second.pk
    assert admit(request(), HERE, None, True).remote_id == xray.pk


def test_a_remote_is_known_by_its_certificate_when_it_is_called(xray: Remote, device: Path, other: Path) -> None:
    reload(xray, certificate=device.read_text(), uses_tls=True)
    with serving_tls(device) as port:
        assert shaken(port, trust.client_context(xray)) == der(device)
    with serving_tls(other) as port, pytest.raises(ssl.SSLError):
        shaken(port, trust.client_context(xray))


def test_without_its_certificate_a_remote_must_have_one_that_the_system_trusts(xray: Remote, device: Path) -> None:
    reload(xray, uses_tls=True)
    with serving_tls(device) as port, pytest.raises(ssl.SSLError):
        shaken(port, trust.client_context(xray))


def test_the_servers_own_certificate_is_made_once_for_its_eyes_alone(settings: Settings) -> None:
    first = own_certificate.files()
    content = first[0].read_bytes()
    assert own_certificate.files() == first
    assert first[0].read_bytes() == content
    assert first[1].stat().st_mode & 0o077 == 0
    assert "PRIVATE" not in own_certificate.certificate()


def test_the_sites_own_certificate_goes_before(settings: Settings, device: Path) -> None:
    settings.DIMSE_TLS_CERTIFICATE = str(device)
    with pytest.raises(ValueError, match="FOVEA_DIMSE_TLS_KEY"):
        own_certificate.files()
    settings.DIMSE_TLS_KEY = str(device.with_suffix(".key"))
    assert own_certificate.certificate() == device.read_text()


def test_a_changed_certificate_counts_at_once_in_the_same_process(xray: Remote, device: Path) -> None:
    before = trust.server_context()
    assert before.verify_mode == ssl.CERT_NONE
    assert trust.server_context() is before
    reload(xray, certificate=device.read_text())
    after = trust.server_context()
    assert after.verify_mode == ssl.CERT_OPTIONAL
    assert [each["subject"] for each in after.get_ca_certs()] == [((("commonName", "device"),),)]


def test_only_what_bcp_195_recommends_is_spoken() -> None:
    context = trust._hardened(ssl.PROTOCOL_TLS_SERVER)
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    suites = [suite["name"] for suite in context.get_ciphers() if suite["protocol"] == "TLSv1.2"]
    assert {"ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384"} <= set(suites)
    assert all(name.startswith("ECDHE-") and ("GCM" in name or "CHACHA20" in name) for name in suites)
