"""Searching the server as pynetdicom's and dcmtk's clients do: C-FIND, and what comes of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pydicom import Dataset
from pynetdicom import AE
from pynetdicom.pdu_primitives import SOPClassExtendedNegotiation

from tests import dicoms
from tests.dimse import nodes

PATIENT_ROOT, STUDY_ROOT = "1.2.840.10008.5.1.4.1.2.1.1", "1.2.840.10008.5.1.4.1.2.2.1"


@dataclass
class Found:
    """The matches with the statuses they came with, the final status and its comment."""

    matches: list[Dataset] = field(default_factory=list)
    pending: set[int] = field(default_factory=set)
    status: int = -1
    comment: str = ""

    def values(self, keyword: str) -> list[Any]:
        """An attribute of each match, sorted."""
        return sorted(str(match[keyword].value) for match in self.matches)


def identifier(level: str, **keys: Any) -> Dataset:
    """An identifier; a key without a value is None."""
    dataset = Dataset()
    if level:
        dataset.QueryRetrieveLevel = level
    for keyword, value in keys.items():
        setattr(dataset, keyword, value)
    return dataset


def find(
    port: int,
    asked: Dataset,
    *,
    model: str = STUDY_ROOT,
    title: str = nodes.THEIRS,
    called: str = nodes.OURS,
    negotiate: bytes = b"",
    syntax: str = nodes.EXPLICIT,
) -> Found:
    """A C-FIND by pynetdicom."""
    entity = AE(title)
    entity.add_requested_context(model, syntax)
    item = SOPClassExtendedNegotiation()
    item.sop_class_uid, item.service_class_application_information = model, negotiate
    opened = entity.associate("127.0.0.1", port, ae_title=called, ext_neg=[item] if negotiate else None)
    assert opened.is_established
    found = Found()
    for status, match in opened.send_c_find(asked, model):
        found.status, found.comment = status.Status, status.get("ErrorComment", "")
        if match is not None:
            found.matches.append(match)
            found.pending.add(status.Status)
    opened.release()
    return found


def study(number: int, series: int = 1, instance: int = 1, **attributes: Any) -> bytes:
    """A slice of the study, series and place with these numbers, by default the only one of a patient P1."""
    uids = {
        "StudyInstanceUID": dicoms.uid(9, number),
        "SeriesInstanceUID": dicoms.uid(9, number, series),
        "SOPInstanceUID": dicoms.uid(9, number, series, instance),
    }
    numbers = {"SeriesNumber": series, "InstanceNumber": instance, "StudyID": str(number)}
    return dicoms.ct_slice(Rows=8, Columns=8, **(uids | numbers | attributes))


def findscu(port: int, *keys: str, options: Sequence[str] = ("-S",), title: str = nodes.THEIRS) -> str:
    """What dcmtk's findscu says of a C-FIND."""
    arguments = [argument for key in keys for argument in ("-k", key)]
    done = nodes.dcmtk("findscu", port, "-v", *options, *arguments, title=title)
    return done.stdout


def responses(said: str) -> int:
    """How many matches findscu has been given."""
    return len(re.findall(r"Find Response: \d+ \(Pending", said))
