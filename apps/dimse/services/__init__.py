"""The services of the DICOM network server: for each kind of request the function that answers it."""

from collections.abc import Mapping
from typing import Final

from apps.dicom.network.command import ANSWER, Field
from apps.dimse.services import commitment, committed, echo, find, get, move, performed, store
from apps.dimse.session import Handler

HANDLERS: Final[Mapping[int, Handler]] = {
    Field.C_ECHO: echo.answer,
    Field.C_STORE: store.answer,
    Field.C_FIND: find.answer,
    Field.C_GET: get.answer,
    Field.C_MOVE: move.answer,
    Field.N_CREATE: performed.create,
    Field.N_SET: performed.change,
    Field.N_GET: performed.show,
    Field.N_ACTION: commitment.answer,
    Field.N_EVENT_REPORT: committed.answer,
    Field.N_EVENT_REPORT | ANSWER: commitment.reported,
}
