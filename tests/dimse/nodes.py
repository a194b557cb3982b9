"""Nodes for tests of the DICOM network: remotes in the database, associations with a server, and dcmtk's programs."""

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from apps.accounts.models import Practice
from apps.dicom.network.association import Association, Message
from apps.dicom.network.command import Element, Field, Value
from apps.dicom.network.requestor import Implementation, Node, Proposal, associate
from apps.remotes import directory
from apps.remotes.models import ApplicationEntity, Remote, Service
from tests import dicoms

OURS: Final = "FOVEA"
THEIRS: Final = "CHECKER"
SOFTWARE: Final = Implementation(f"{dicoms.ROOT}.9", "TESTS")
VERIFICATION: Final = "1.2.840.10008.1.1"
CT: Final = "1.2.840.10008.5.1.4.1.1.2"
IMPLICIT: Final = "1.2.840.10008.1.2"
EXPLICIT: Final = "1.2.840.10008.1.2.1"
ECHO: Final = ((VERIFICATION, (IMPLICIT,)),)
PATIENCE: Final = 60


def add_entity(practice: Practice, title: str = OURS) -> ApplicationEntity:
    """An AE title of this server, by which the practice is called."""
    return ApplicationEntity.objects.create(title=title, practice=practice)


def add_remote(practice: Practice, title: str = THEIRS, *may: Service, **fields: Any) -> Remote:
    """A remote on this machine that may use these services; all of them where none is named."""
    rights = {f"may_{service.value}": service in (may or tuple(Service)) for service in Service}
    remote = Remote.objects.create(
        **{"practice": practice, "name": title, "title": title, "host": "127.0.0.1", "port": 11113, **rights, **fields}
    )
    directory.forget_all()
    return remote


@contextmanager
def calling(
    port: int,
    contexts: Sequence[tuple[str, Sequence[str]]] = ECHO,
    *,
    calling: str = THEIRS,
    called: str = OURS,
    **proposal: Any,
) -> Iterator[Association]:
    """An association with the server on that port."""
    node = Node("127.0.0.1", port, called, calling, proposal.pop("tls", None))
    with associate(node, Proposal(contexts, **proposal), SOFTWARE) as association:
        yield association


def ask(association: Association, field: Field, data_set: bytes | None = None, **elements: Value) -> Message:
    """Send a request in the association's first context; its (first) answer. `elements` by the names of Element."""
    context = next(iter(association.contexts.values()))
    command: dict[int, Value] = {
        Element.COMMAND_FIELD: field,
        Element.MESSAGE_ID: association.message_id,
        Element.AFFECTED_SOP_CLASS: context.abstract_syntax,
        Element.DATA_SET_TYPE: 0x0101 if data_set is None else 0,
        **{Element[name]: value for name, value in elements.items()},
    }
    association.send(context, command, data_set)
    answer = association.receive(PATIENCE)
    assert answer is not None
    return answer


def echo(association: Association) -> int:
    """The status of a C-ECHO."""
    return ask(association, Field.C_ECHO).command.status


def is_answered(port: int) -> bool:
    """Whether the server answers a C-ECHO on a new association."""
    with calling(port) as association:
        status = echo(association)
        association.release()
    return status == 0


def dcmtk(
    program: str, port: int, *options: str, files: Sequence[str] = (), title: str = THEIRS
) -> subprocess.CompletedProcess[str]:
    """Run a client of dcmtk against the server; what it says is in stdout."""
    return subprocess.run(
        [program, *options, "-aet", title, "-aec", OURS, "127.0.0.1", str(port), *files],
        env=os.environ | {"TCP_NODELAY": "1", "LC_ALL": "C"},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", timeout=PATIENCE, check=False,
    )  # fmt: skip
