"""A DICOM server for tests: in this process, where the test's own remotes are known, and as a process on a site."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.accounts.models import Practice
from apps.dimse.limits import Limits
from apps.dimse.server import Address, Server
from apps.remotes import directory
from apps.remotes.admission import admit
from apps.remotes.models import Remote
from tests.dimse import nodes
from tests.dimse.site import DicomSite, Process

QUICK = Limits(request=5.0, pdu=5.0, idle=10.0, grace=5.0)


@pytest.fixture
def remote(transactional_db: None, practice: Practice) -> Remote:
    """A remote of the practice that may do everything, and the practice's AE title."""
    nodes.add_entity(practice)
    return nodes.add_remote(practice)


@pytest.fixture
def server(remote: Remote) -> Iterator[Server]:
    """A server in this process, each of whose associations is a thread with a database connection of its own."""
    directory.forget_all()
    with Server([Address("127.0.0.1", 0)], QUICK, admit) as server:
        yield server
    directory.forget_all()


@pytest.fixture
def port(server: Server) -> int:
    """Where the server in this process listens."""
    return server.ports[0]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DicomSite]:
    """A site with an AE title and a remote that may do everything; its server is not running."""
    folder: Path = tmp_path_factory.mktemp("dicom-site")
    with DicomSite(folder) as site:
        site.prepare()
        yield site


@pytest.fixture
def process(site: DicomSite) -> Iterator[Process]:
    """The site's DICOM server, a process of its own."""
    with site.answering() as process:
        yield process
