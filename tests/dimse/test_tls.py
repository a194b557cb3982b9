"""The DICOM network by TLS: with clients of others, with the remotes' certificates, and with peers that dawdle."""

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from pynetdicom import AE
from pynetdicom.sop_class import Verification

from apps.accounts.models import Practice
from apps.archive.models import Instance
from apps.dicom.network.errors import NetworkError, Rejected
from apps.dimse.server import Address, Server
from apps.remotes import directory, own_certificate, trust
from apps.remotes.admission import admit
from apps.remotes.models import Remote
from tests import certificates, dicoms
from tests.dimse import nodes
from tests.dimse.conftest import QUICK
from tests.dimse.nodes import calling, dcmtk, echo


@pytest.fixture
def port(remote: Remote) -> Iterator[int]:
    """Where a server in this process listens for TLS."""
    directory.forget_all()
    trust.forget_all()
    with Server([Address("127.0.0.1", 0, trust.server_context)], QUICK, admit) as server:
        yield server.ports[0]
    trust.forget_all()


@pytest.fixture
def theirs(tmp_path: Path) -> tuple[Path, Path]:
    """A device's certificate and key."""
    certificates.signed("device", tmp_path / "device")
    return tmp_path / "device.pem", tmp_path / "device.key"


def context(certificate: tuple[Path, Path] | None = None) -> ssl.SSLContext:
    """A caller's that trusts this server."""
    made = ssl.create_default_context(cadata=own_certificate.certificate())
    made.check_hostname = False
    if certificate:
        made.load_cert_chain(*certificate)
    return made


def test_an_echo_is_answered(port: int) -> None:
    with calling(port, tls=context()) as association:
        assert echo(association) == 0
        association.release()


def test_pynetdicom_s_echo_is_answered(port: int) -> None:
    entity = AE(nodes.THEIRS)
    entity.add_requested_context(Verification)
    association = entity.associate("127.0.0.1", port, ae_title=nodes.OURS, tls_args=(context(), "localhost"))
    assert association.is_established
    assert association.send_c_echo().Status == 0
    association.release()


def test_dcmtk_stores_objects_of_many_pdus(port: int, theirs: tuple[Path, Path], tmp_path: Path) -> None:
    file = tmp_path / "ct.dcm"
    file.write_bytes(dicoms.ct_slice(Rows=512, Columns=512, PixelData=bytes(512 * 512 * 2)))
    ours = tmp_path / "ours.pem"
    ours.write_text(own_certificate.certificate())
    options = ("-v", "+tls", str(theirs[1]), str(theirs[0]), "+cf", str(ours))
    done = dcmtk("storescu", port, *options, files=[str(file)])
    assert done.returncode == 0, done.stdout
    assert Instance.objects.count() == 1


def test_who_has_a_certificate_on_file_must_show_it(
    practice: Practice, port: int, theirs: tuple[Path, Path], tmp_path: Path
) -> None:
    nodes.add_remote(practice, "SECURE", certificate=theirs[0].read_text())
    trust.forget_all()
    with calling(port, calling="SECURE", tls=context(theirs)) as association:
        assert echo(association) == 0
    with pytest.raises(Rejected), calling(port, calling="SECURE", tls=context()):
        pass
    certificates.signed("other", tmp_path / "other")
    other = context((tmp_path / "other.pem", tmp_path / "other.key"))
    with pytest.raises(NetworkError), calling(port, calling="SECURE", tls=other):
        pass


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")
def test_versions_before_1_2_are_refused(port: int) -> None:
    """PS3.15 B.12, by BCP 195."""
    old = context()
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    with socket.create_connection(("127.0.0.1", port), nodes.PATIENCE) as stream, pytest.raises(ssl.SSLError):
        old.wrap_socket(stream)


def test_handshakes_that_never_begin_or_end_keep_nobody_waiting(port: int) -> None:
    """A handshake within the accepting would let the first of these stop all others."""
    idle = [socket.create_connection(("127.0.0.1", port), nodes.PATIENCE) for _ in range(20)]
    for stream in idle[10:]:
        stream.sendall(bytes.fromhex("1603010200010001fc0303"))
    with calling(port, tls=context()) as association:
        assert echo(association) == 0
    for stream in idle:
        stream.settimeout(nodes.PATIENCE)
        assert stream.recv(100) == b""
        stream.close()


def test_who_speaks_plainly_to_the_tls_port_gets_no_association(port: int) -> None:
    with pytest.raises(NetworkError), calling(port):
        pass
