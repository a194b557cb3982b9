"""Fetching from the server as pynetdicom's client does: C-GET, C-MOVE, and what comes of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from pydicom import Dataset, dcmread
from pynetdicom import AE, build_role, evt
from pynetdicom.association import Association

from tests.dimse import nodes
from tests.remotes.storing import SYNTAXES

STUDY_GET, PATIENT_GET = "1.2.840.10008.5.1.4.1.2.2.3", "1.2.840.10008.5.1.4.1.2.1.3"
STUDY_MOVE, PATIENT_MOVE = "1.2.840.10008.5.1.4.1.2.2.2", "1.2.840.10008.5.1.4.1.2.1.2"
Storage = Sequence[tuple[str, Sequence[str]]]
CT_ONLY: Storage = ((nodes.CT, SYNTAXES),)


@dataclass
class Fetched:
    """The statuses, of which the last is the final one with its identifier, and the files that came."""

    statuses: list[Dataset] = field(default_factory=list)
    identifier: Dataset | None = None
    files: list[bytes] = field(default_factory=list)

    @property
    def status(self) -> int:
        return int(self.statuses[-1].Status)

    @property
    def counts(self) -> dict[str, int]:
        """The numbers of sub-operations in the final answer, by what became of them."""
        last = self.statuses[-1]
        kinds = ("Remaining", "Completed", "Failed", "Warning")
        found = {kind.lower(): last.get(f"NumberOf{kind}Suboperations") for kind in kinds}
        return {kind: count for kind, count in found.items() if count is not None}

    @property
    def datasets(self) -> dict[str, Dataset]:
        read = [dcmread(BytesIO(data)) for data in self.files]
        return {dataset.SOPInstanceUID: dataset for dataset in read}


def identifier(level: str, **keys: Any) -> Dataset:
    """An identifier of C-GET or C-MOVE."""
    dataset = Dataset()
    dataset.QueryRetrieveLevel = level
    for keyword, value in keys.items():
        setattr(dataset, keyword, value)
    return dataset


def get(
    port: int,
    asked: Dataset,
    *,
    model: str = STUDY_GET,
    storage: Storage = CT_ONLY,
    title: str = nodes.THEIRS,
    take: Callable[[Any], int] = lambda _: 0,
) -> Fetched:
    """A C-GET for what `asked` says; `take` gives the status of each C-STORE that comes."""
    fetched = Fetched()

    def store(event: Any) -> int:
        fetched.files.append(event.encoded_dataset())
        return take(event)

    entity = AE(title)
    entity.add_requested_context(model)
    for sop_class, syntaxes in storage:
        entity.add_requested_context(sop_class, list(syntaxes))
    roles = [build_role(sop_class, scp_role=True) for sop_class in {each for each, _ in storage}]
    handlers = [(evt.EVT_C_STORE, store)]
    opened = entity.associate("127.0.0.1", port, ae_title=nodes.OURS, ext_neg=roles, evt_handlers=handlers)
    return _finished(opened, fetched, lambda: opened.send_c_get(asked, model))


def move(port: int, asked: Dataset, to: str, *, model: str = STUDY_MOVE, title: str = nodes.THEIRS) -> Fetched:
    """A C-MOVE of what `asked` says to that AE title."""
    entity = AE(title)
    entity.add_requested_context(model)
    opened = entity.associate("127.0.0.1", port, ae_title=nodes.OURS)
    return _finished(opened, Fetched(), lambda: opened.send_c_move(asked, to, model))


def _finished(opened: Association, fetched: Fetched, ask: Callable[[], Any]) -> Fetched:
    assert opened.is_established
    for status, answer in ask():
        fetched.statuses.append(status)
        fetched.identifier = answer
    opened.release()
    return fetched
