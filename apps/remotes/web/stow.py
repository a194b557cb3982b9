"""Storing at a DICOMweb remote by STOW-RS (PS3.18 10.5): batches of files, streamed, and an outcome for each."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Final

from apps.archive.leaving import leaves_in
from apps.archive.retrieve import StoredInstance
from apps.archive.transcoding import NotConvertible, file_in
from apps.dicom.attributes import integer, items, text
from apps.dicom.description import Undecodable
from apps.dicom.errors import Unreadable
from apps.remotes.failures import RemoteFailed
from apps.remotes.web.client import Client
from apps.remotes.web.qido import JSON, data_sets
from apps.saying import say

ANSWER_BYTES: Final = 4 << 20
ANSWER_SECONDS: Final = 600.0
SPOOLED_IN_MEMORY: Final = 32 << 20
PIECE: Final = 1 << 20
_LINE_END: Final = b"\r\n"
_UNSAID: Final = say("It does not say what became of it.")
_REASONS: Final = {
    0x0110: say("It could not process it."),
    0x0122: say("It does not take objects of this SOP class."),
    0xA700: say("It has no room left."),
    0xA900: say("It says that the object is not what its SOP class says."),
    0xC000: say("It can't read it."),
    0xC122: say("It does not take its transfer syntax."),
}


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A file on its way out: which object it is, its size in bytes, and those bytes once."""

    sop_instance_uid: str
    size: int
    pieces: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a remote did not take an object: its failure reason (PS3.18 I.2.2), and that in words."""

    code: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Answered:
    """What a remote says to a batch: the SOP Instance UIDs that it has taken, and why not the others."""

    taken: frozenset[str]
    failed: Mapping[str, Refusal]


def outgoing(stored: StoredInstance, preferences: Sequence[str] = ()) -> Outgoing:
    """The object's file as it leaves, or in the first of the preferred transfer syntaxes that it can be had in.

    Raises NotConvertible, and what reading the object raises.
    """
    for syntax in preferences or (leaves_in(stored),):
        try:
            return _in(stored, syntax)
        except NotConvertible:
            continue
    raise NotConvertible(say("It can't be had in a transfer syntax that the other archive takes."))


def _in(stored: StoredInstance, syntax: str) -> Outgoing:
    """Raises NotConvertible. What is made anew is made whole first: half of one could only break the connection."""
    file = file_in(stored, syntax)
    if syntax == leaves_in(stored) and file.size is not None:
        return Outgoing(stored.sop_instance_uid, file.size, file.pieces)
    spool = SpooledTemporaryFile(SPOOLED_IN_MEMORY)  # noqa: SIM115 - whoever reads it to the end closes it
    try:
        spool.writelines(file.pieces)
    except (Undecodable, Unreadable) as error:
        spool.close()
        raise NotConvertible(str(error)) from error
    size = spool.tell()
    spool.seek(0)
    return Outgoing(stored.sop_instance_uid, size, _emptied(spool))


def _emptied(spool: IO[bytes]) -> Iterator[bytes]:
    with spool:
        yield from iter(lambda: spool.read(PIECE), b"")


def store(client: Client, files: Sequence[Outgoing]) -> Answered:
    """Store these files by one request. Raises RemoteFailed and RemoteRefused."""
    boundary = secrets.token_hex(16)
    head = f"--{boundary}\r\nContent-Type: application/dicom\r\n\r\n".encode()
    end = f"--{boundary}--\r\n".encode()
    size = sum(len(head) + file.size + len(_LINE_END) for file in files) + len(end)
    headers = {
        "Content-Type": f'multipart/related; type="application/dicom"; boundary={boundary}',
        "Content-Length": str(size),
    }
    body = _body(head, end, files)
    with client.ask("/studies", accept=JSON, body=body, headers=headers, seconds=ANSWER_SECONDS) as answer:
        told = answer.body(ANSWER_BYTES)
        is_success = answer.status == 200
    return _answered(told, [file.sop_instance_uid for file in files], is_success=is_success)


def _body(head: bytes, end: bytes, files: Sequence[Outgoing]) -> Iterator[bytes]:
    for file in files:
        yield head
        yield from file.pieces
        yield _LINE_END
    yield end


def _answered(body: bytes, sent: Sequence[str], *, is_success: bool) -> Answered:
    """From the store's response (PS3.18 I.2): what it doesn't name is taken if all was, and else is not."""
    response: Mapping[str, Any] = next(data_sets(body), {})
    taken = {text(item, "00081155") for item in items(response, "00081199")}
    failed = {text(item, "00081155"): _refusal(integer(item, "00081197")) for item in items(response, "00081198")}
    if not (taken or failed):
        if not is_success:
            raise RemoteFailed(say("The other archive does not say what became of the objects."))
        taken = set(sent)
    unnamed = {uid: Refusal(None, _UNSAID) for uid in sent if uid not in taken and uid not in failed}
    return Answered(frozenset(taken & set(sent)) - failed.keys(), failed | unnamed)


def _refusal(code: int | None) -> Refusal:
    if code is None:
        return Refusal(None, say("It gives no reason."))
    return Refusal(code, _REASONS.get(code) or say("It answered with the failure reason {code}.", code=f"{code:04X}"))
