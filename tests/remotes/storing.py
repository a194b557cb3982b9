"""A node of somebody else's that stores what it is sent: pynetdicom's."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from pydicom import Dataset, dcmread
from pynetdicom import AE, evt
from pynetdicom.sop_class import Verification

from apps.dicom.network.association import Association
from apps.dicom.network.requestor import Implementation, Node, Proposal, associate
from tests import dicoms

TITLE = "ELSEWHERE"
SYNTAXES = ("1.2.840.10008.1.2.1", "1.2.840.10008.1.2")
OURS = Implementation(f"{dicoms.ROOT}.9", "TESTS")


@dataclass
class Storing:
    """Where it listens, and what came: files, and the requests' command sets."""

    port: int = 0
    files: list[bytes] = field(default_factory=list)
    requests: list[Any] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)

    @property
    def datasets(self) -> dict[str, Dataset]:
        """What came, by SOP Instance UID."""
        read = [dcmread(BytesIO(data)) for data in self.files]
        return {dataset.SOPInstanceUID: dataset for dataset in read}

    def syntaxes(self) -> list[str]:
        return [str(dataset.file_meta.TransferSyntaxUID) for dataset in self.datasets.values()]

    def open(self, contexts: Sequence[tuple[str, Sequence[str]]]) -> Association:
        """An association with it, opened by us."""
        return associate(Node("127.0.0.1", self.port, TITLE, "OURS"), Proposal(contexts), OURS)

    def take(self, event: Any) -> int:
        self.requests.append(event.request)
        self.files.append(event.encoded_dataset())
        return self.statuses.get(event.request.AffectedSOPInstanceUID, 0x0000)


@contextmanager
def storing(*contexts: tuple[str, Sequence[str]], port: int = 0, most: int = 16382) -> Iterator[Storing]:
    """One that takes these SOP classes, each in these transfer syntaxes."""
    peer = Storing()
    entity = AE(TITLE)
    entity.maximum_pdu_size = most
    entity.add_supported_context(Verification)
    for sop_class, syntaxes in contexts:
        entity.add_supported_context(sop_class, list(syntaxes))
    server = entity.start_server(("127.0.0.1", port), block=False, evt_handlers=[(evt.EVT_C_STORE, peer.take)])
    assert server is not None
    peer.port = server.server_address[1]
    try:
        yield peer
    finally:
        server.shutdown()
