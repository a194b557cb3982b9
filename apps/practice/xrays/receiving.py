"""One X-ray on its way in: a DICOM file as it is, or a picture that becomes one, with what its sender says of it.

The file comes as a stream, and may come before what is said of it: nothing is stored until `settle`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from types import TracebackType
from typing import Final, Self

from blake3 import blake3
from django.db import transaction
from django.utils.timezone import localtime, now

from apps.accounts.principal import Principal
from apps.archive.models import Instance, Series, Study
from apps.archive.outcomes import DuplicatePolicy, Outcome, Status
from apps.archive.spool import Extent, Spool
from apps.archive.store import Batch, Origin
from apps.core.errors import Conflict, Invalid, TooLarge
from apps.core.requests import request_id
from apps.dicom.attributes import text
from apps.practice.models import Lead, XRay, XrayType
from apps.practice.xrays import declaring, identity, pictures, rows, teeth
from apps.practice.xrays.facts import Declared
from apps.practice.xrays.kinds import KINDS
from apps.practice.xrays.objects import Person, Place, Shown
from apps.practice.xrays.recognising import NO_PICTURES
from apps.saying import say
from apps.uploads.sniff import HEAD_BYTES, Content, content_of

WAY: Final = "X-ray API"
# Who brings many at once makes their rows and links by the group: `apps.practice.batches`.
BATCH_WAY: Final = "X-ray batch"
Chunks = Iterable[bytes | memoryview]
NOTHING_SAID: Final = Declared()
_KEPT: Final = (Status.STORED, Status.KNOWN, Status.OVERWRITTEN)
NO_FILE: Final = say("Send the picture or the DICOM file as the part `file`.")
EMPTY: Final = say("The file is empty.")
WRONG_KIND: Final = say(
    "Send a DICOM file, or a picture: JPEG, PNG or TIFF. What this is can't be told by its content."
)
NO_ARCHIVES: Final = say("Send one picture or DICOM file here; a zip or a folder goes to /api/dental/xrays/batch.")
LEAD_WANTED: Final = say("A picture does not say whose it is. Give the lead's id.")
NO_IMAGE: Final = say("The DICOM file is stored, but it is no image.")


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a file: its X-ray (none for an object without pixels), and whether it is new here.

    `conflict` says why it did not get the lead that was declared, where somebody has decided otherwise before.
    `is_whole` says that all that is shown beside the X-ray has been read with it.
    """

    outcome: Outcome
    xray: XRay | None
    is_new: bool
    conflict: str = ""
    is_whole: bool = False


def origin_of(principal: Principal, practice_id: int, way: str = WAY) -> Origin:
    """Where what this principal brings comes from."""
    return Origin(way, practice_id, principal.username, request_id(), principal.user_id or None)


def take(principal: Principal, origin: Origin, chunks: Chunks, declared: Declared = NOTHING_SAID) -> Taken:
    """Store one file and say what became of it; the errors are those of `Receiving`."""
    with Receiving(principal, origin) as receiving:
        receiving.offer(chunks)
        return receiving.settle(declared)


class Receiving:
    """One file. Left before `settle`, or by an error, nothing of it stays."""

    def __init__(self, principal: Principal, origin: Origin) -> None:
        self._principal = principal
        self._origin = origin
        self._batch: Batch | None = None
        self._spool: Spool | None = None
        self._extent = Extent(0, 0)

    @property
    def practice_id(self) -> int:
        """Where the file goes."""
        return self._origin.practice_id

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._batch is not None:
            self._batch.__exit__(kind, error, trace)
        if self._spool is not None:
            self._spool.__exit__(kind, error, trace)

    def offer(self, chunks: Chunks) -> None:
        """Read the file: what it is, its content says. Raises Invalid for `file`, OutOfSpace, and what reading does."""
        if self._batch is not None or self._spool is not None:
            raise _wrong(say("Send one file at a time, or a batch to /api/dental/xrays/batch."))
        stream = iter(chunks)
        head, begun = _head(stream)
        whole = chain(begun, stream)
        content = content_of(head)
        if content is Content.OBJECT:
            self._batch = Batch(self._origin, is_held=True)
            self._batch.receive(whole)
        elif pictures.looks_like_one(head):
            self._spool = Spool()
            self._extent = self._spool.add(_bounded(whole))
        else:
            raise _wrong(_refusal(head, content))

    @property
    def is_no_image(self) -> bool:
        """Whether what was offered can be stored, but is an object without pixels: a report, a presentation state."""
        waiting = self._batch.waiting() if self._batch else []
        return any(not each.number_of_frames or text(each.attributes, "00080060") in NO_PICTURES for each in waiting)

    def settle(self, declared: Declared = NOTHING_SAID) -> Taken:
        """Store what was offered, make its row, and link it to the lead that was declared.

        Raises Invalid for `file`, `leadId` or `teeth`, Conflict for an object whose UID another has, and what storing
        does: OutOfSpace, Unavailable.
        """
        teeth.parse(declared.teeth)
        if self._batch is not None:
            return self._object(self._batch, declared)
        if self._spool is None:
            raise _wrong(NO_FILE)
        with self._spool.mapped(self._extent) as view:
            data = bytes(view)
        return self._picture(data, declared)

    def _object(self, batch: Batch, declared: Declared) -> Taken:
        """A DICOM file: a new image gets its row at once, and its lead by a job, which compares the two."""
        waiting = batch.waiting()
        outcome = batch.commit()[0]
        if outcome.status is not Status.STORED or not waiting[0].number_of_frames:
            return self._stored(outcome, declared)
        with transaction.atomic():
            xray = rows.made_at_once(waiting[0], declared, self._origin)
            if xray is not None and declared.lead is not None:
                declaring.ask(self._principal, xray.study_id, declared.lead, self._origin)
        if xray is None:
            return self._stored(outcome, declared)
        return Taken(outcome, xray, is_new=True, is_whole=True)

    def _picture(self, data: bytes, declared: Declared) -> Taken:
        lead = declared.lead
        if lead is None:
            raise Invalid(LEAD_WANTED, [("leadId", LEAD_WANTED)])
        sop_uid = identity.sop_uid(lead, blake3(data).digest())
        if (known := _known(self._origin.practice_id, sop_uid)) is not None:
            return Taken(_outcome(known), known, is_new=False)
        file = _built(data, lead, declared, sop_uid)
        # The same file may be on its way twice: who comes second gets what the first has made.
        with Batch(self._origin, DuplicatePolicy.REJECT) as batch:
            batch.receive(file)
            outcome = batch.commit()[0]
        if outcome.status is Status.REFUSED and (known := _known(self._origin.practice_id, sop_uid)) is not None:
            return Taken(_outcome(known), known, is_new=False)
        return self._stored(outcome, declared)

    def _stored(self, outcome: Outcome, declared: Declared) -> Taken:
        if outcome.status is Status.QUARANTINED:
            raise Conflict(outcome.reason)
        if outcome.status not in _KEPT:
            raise _wrong(outcome.reason)
        is_new = outcome.status is Status.STORED
        with transaction.atomic():
            xray = rows.keep_one(outcome, self._origin.practice_id)
            if xray is None:
                return Taken(outcome, None, is_new=outcome.status is not Status.KNOWN)
            if is_new or outcome.status is Status.OVERWRITTEN:
                rows.declare(xray, declared, self._origin.user_id, self._origin.way)
            conflict = self._linked(xray, declared)
        xray.refresh_from_db()
        return Taken(outcome, xray, is_new=is_new, conflict=conflict)

    def _linked(self, xray: XRay, declared: Declared) -> str:
        """Link the study to the lead that was declared; why not, where somebody has decided otherwise."""
        conflict = ""
        if declared.lead is not None:
            conflict = declaring.link(self._principal, xray.study, declared.lead, self._origin.way)
        rows.follow([xray.study_id])
        return conflict


def _built(data: bytes, lead: Lead, declared: Declared, sop_uid: str) -> Iterator[bytes]:
    """The DICOM file of a picture, in pieces."""
    lead = Lead.objects.select_related("practice").get(pk=lead.pk)
    picture = pictures.look(data)
    kind = KINDS[declared.kind or XrayType.OTHER]
    framed = pictures.frame(data, picture, kind)
    taken_at = localtime(declared.taken_at or picture.taken_at or now())
    study_uid = identity.study_uid(lead, taken_at.date())
    place = _place(lead.practice_id, study_uid, kind.picture_modality, declared.kind or XrayType.OTHER, sop_uid)
    shown = Shown(kind, taken_at, teeth.parse(declared.teeth), declared.notes, institution=lead.practice.name)
    person = Person(lead.dicom_name, lead.dicom_patient_id, lead.dicom_birth_date, lead.sex)
    return pictures.file_pieces(person, place, shown, framed)


def _place(practice_id: int, study_uid: str, modality: str, kind: XrayType, sop_uid: str) -> Place:
    """Where a picture goes: a series for each modality and type, its number the next of the study."""
    series_uid = identity.series_uid(study_uid, modality, kind.value)
    within = Series.objects.filter(study__practice=practice_id, study__study_instance_uid=study_uid)
    series = within.filter(series_instance_uid=series_uid).only("series_number", "instance_count").first()
    number = (series.series_number if series else None) or within.count() + 1
    return Place(study_uid, series_uid, sop_uid, number, series.instance_count + 1 if series else 1)


def _known(practice_id: int, sop_uid: str) -> XRay | None:
    """The X-ray of an object that is stored; its row is made where it lacks."""
    found = Instance.objects.filter(sop_instance_uid=sop_uid, series__study__practice=practice_id)
    instance = found.select_related("series__study").defer("found", "header", "frame_index", "bulk_index").first()
    if instance is None:
        return None
    return rows.row_of(instance) or rows.keep_one(_named(instance), practice_id)


def _named(instance: Instance) -> Outcome:
    study: Study = instance.series.study
    return Outcome(
        Status.KNOWN,
        study.study_instance_uid,
        instance.series.series_instance_uid,
        instance.sop_class_uid,
        instance.sop_instance_uid,
    )


def _outcome(xray: XRay) -> Outcome:
    instance = xray.instance
    return _named(instance) if instance is not None else Outcome(Status.KNOWN, xray.study.study_instance_uid)


def _head(stream: Iterator[bytes | memoryview]) -> tuple[bytes, list[bytes | memoryview]]:
    """The file's first bytes, as many as tell what it is, and the pieces that they are of."""
    begun: list[bytes | memoryview] = []
    size = 0
    for chunk in stream:
        begun.append(chunk)
        size += len(chunk)
        if size >= HEAD_BYTES:
            break
    return b"".join(bytes(piece[:HEAD_BYTES]) for piece in begun)[:HEAD_BYTES], begun


def _bounded(chunks: Chunks) -> Iterator[bytes | memoryview]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > pictures.MAX_BYTES:
            raise TooLarge(
                say(
                    "A picture has at most {max_bytes} MiB. Send it smaller, or as DICOM.",
                    max_bytes=pictures.MAX_BYTES >> 20,
                )
            )
        yield chunk


def _refusal(head: bytes, content: Content) -> str:
    if not head:
        return EMPTY
    return NO_ARCHIVES if content in (Content.ZIP, Content.DIRECTORY) else WRONG_KIND


def _wrong(detail: str) -> Invalid:
    return Invalid(detail, [("file", detail)])
