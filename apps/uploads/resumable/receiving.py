"""Uploads that come in pieces (tus 1.0.0): begun, gone on with, handed to a job, ended.

What is acknowledged is on the disk: the row's count of safe bytes follows the file and never runs ahead of it. On the
way it is written down every few seconds, so that a kill at any moment costs no more than these.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal, principal_of
from apps.archive import quotas
from apps.core.errors import Conflict, FoveaError, Invalid, NotFound, Refused, TooLarge
from apps.saying import say
from apps.uploads.deciding import decide
from apps.uploads.models import ERROR_LENGTH, NAME_LENGTH, Upload
from apps.uploads.resumable import parts, protocol, takers
from apps.uploads.resumable.errors import UploadBusy, UploadGone, WrongChecksum, WrongOffset
from apps.uploads.resumable.parts import Part
from apps.uploads.resumable.protocol import Checksum

# What was received is made safe after so many bytes, or so many seconds.
SAFE_EVERY_BYTES: Final = 64 << 20
SAFE_EVERY_SECONDS: Final = 2.0
PRACTICE: Final = "practice"
# How senders call the file; the first that is there is its name.
NAMES: Final = ("filename", "name", "relativePath")
# What clients say of a file by themselves; its first bytes tell what it is.
OF_FILE: Final = frozenset({*NAMES, "filetype", "type", "contentType"})
FAILING: Final = 500
UNNAMED: Final = "upload"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a sender asks for: so many bytes, and what they say of them (Upload-Metadata as it came)."""

    length: int
    metadata: str = ""

    @property
    def said(self) -> dict[str, str]:
        return protocol.metadata(self.metadata)


def create(principal: Principal, wanted: Wanted) -> Upload:
    """Begin an upload. Nothing has come of its bytes, and nothing comes of it that could have been refused before.

    Raises Invalid with what is wrong in the metadata, Refused and NotFound for who may not store in the practice,
    TooLarge, QuotaReached, Conflict for too many unfinished ones, OutOfSpace, Unavailable.
    """
    said = wanted.said
    practice_id = _practice(said.get(PRACTICE, ""), principal)
    decide(principal, practice_id)
    if wanted.length > settings.MAX_BODY_BYTES:
        raise TooLarge(say("An upload may have at most {most}.", most=quotas.said(settings.MAX_BODY_BYTES)))
    purpose = said.get(takers.PURPOSE) or takers.usual()
    takers.find(purpose).check(practice_id, facts_of(said))
    _check_room(practice_id, wanted.length)
    upload = Upload(
        practice_id=practice_id,
        user_id=principal.user_id,
        purpose=purpose,
        name=_name(said),
        metadata=wanted.metadata,
        length=wanted.length,
        expires_at=_until(),
    )
    parts.create(upload.key)
    upload.save(force_insert=True)
    return upload


def find(principal: Principal, key: str) -> Upload:
    """An upload that may be looked at. Raises NotFound."""
    visible = Upload.objects.visible_to(principal).select_related("user", "job")
    upload = visible.filter(key=key).first()
    if upload is None:
        raise NotFound(parts.NOT_HERE)
    return upload


def own(principal: Principal, key: str) -> Upload:
    """An upload of the caller's own, which can be gone on with. Raises NotFound, Refused, UploadGone."""
    upload = find(principal, key)
    if upload.user_id != principal.user_id:
        raise Refused(say("This upload is somebody else's: only they can go on with it."))
    return there(upload)


def there(upload: Upload) -> Upload:
    """The upload, if something can still become of it. Raises UploadGone."""
    if upload.error:
        raise UploadGone(upload.error)
    if upload.is_expired:
        raise UploadGone(say("The upload has waited too long for the rest of its bytes. Begin it again."))
    return upload


def append(upload: Upload, offset: int, chunks: Iterable[bytes], checksum: Checksum | None = None) -> Upload:
    """Take what comes behind `offset`; the upload as it is then, handed over if it is whole.

    With a checksum, all of it counts or nothing. Raises WrongOffset, WrongChecksum, UploadBusy, UploadGone, what
    reading `chunks` raises (what came before that is kept), and what handing it over does.
    """
    try:
        with parts.turn(upload.key) as part:
            fresh = _again(upload)
            _check_offset(fresh, offset)
            part.begin(offset)
            receipt = _Receipt(fresh, part)
            if checksum is None:
                receipt.take(chunks)
            else:
                receipt.take_checked(chunks, checksum)
            return _handed_over(fresh)
    except UploadGone:
        # Another request has brought the last bytes meanwhile, and a job has the file: nothing is lost.
        _check_offset(_again(upload), offset)
        raise


def _check_offset(upload: Upload, offset: int) -> None:
    if upload.received != offset:
        at = upload.received
        raise WrongOffset(say("The upload goes on at byte {at}: ask for its offset (HEAD).", at=at))


def finish(upload: Upload) -> Upload:
    """Hand over what is whole and was not, because the server stopped just then. Raises as `append`."""
    if upload.job_id or not upload.is_complete or upload.error:
        return upload
    with parts.turn(upload.key):
        return _handed_over(_again(upload))


def end(principal: Principal, key: str) -> None:
    """Take the upload back: nothing is left of it. For who sent it, and administrators.

    Raises NotFound, Refused, and Conflict for what a job has taken over.
    """
    upload = find(principal, key)
    is_own = upload.user_id == principal.user_id
    if not is_own and not principal.may_in_all_of(Permission.ADMINISTER, upload.practice_id):
        raise Refused(say("An upload is for whoever sent it, and for administrators, to take back."))
    if upload.job_id:
        raise Conflict(say("A job has taken this upload over: cancel the job instead."))
    upload.delete()
    parts.discard(upload.key)


def facts_of(said: dict[str, str]) -> dict[str, str]:
    """What of the metadata is for whoever takes the file."""
    return {name: value for name, value in said.items() if name not in {*OF_FILE, PRACTICE, takers.PURPOSE}}


class _Receipt:
    """Bytes on their way to the disk, and how many of them are safe."""

    def __init__(self, upload: Upload, part: Part) -> None:
        self._upload = upload
        self._part = part
        self._at = upload.received
        self._noted = time.monotonic()

    def take(self, chunks: Iterable[bytes]) -> None:
        try:
            for chunk in chunks:
                self._write(chunk)
                if self._is_due():
                    self._note()
        finally:
            # What came before the connection broke is worth keeping.
            self._note()

    def take_checked(self, chunks: Iterable[bytes], checksum: Checksum) -> None:
        found = checksum.begin()
        for chunk in chunks:
            found.update(chunk)
            self._write(chunk)
        if found.digest() != checksum.digest:
            raise WrongChecksum(
                say("The bytes are not those of the checksum: nothing of them counts. Send them again.")
            )
        self._note()

    def _write(self, chunk: bytes) -> None:
        self._part.write(chunk)
        self._at += len(chunk)

    def _is_due(self) -> bool:
        behind = self._at - self._upload.received
        return behind >= SAFE_EVERY_BYTES or time.monotonic() - self._noted >= SAFE_EVERY_SECONDS

    def _note(self) -> None:
        """First the file, then the row; under one guard, so that no two requests count bytes of each other's."""
        if self._at == self._upload.received:
            return
        with self._part.guarded():
            self._part.sync()
            same = Upload.objects.filter(pk=self._upload.pk, received=self._upload.received)
            until = _until()
            if not same.update(received=self._at, expires_at=until):
                raise UploadBusy(parts.TAKEN_OVER)
        self._upload.received, self._upload.expires_at = self._at, until
        self._noted = time.monotonic()


def _handed_over(upload: Upload) -> Upload:
    """Let a job go on with what is whole; its file goes then."""
    if not upload.is_complete or upload.job_id:
        return upload
    try:
        _take(upload)
    except FoveaError as error:
        if error.status >= FAILING:
            raise
        upload.error = error.detail[:ERROR_LENGTH]
        upload.save(update_fields=["error"])
        parts.discard(upload.key)
        raise
    parts.discard(upload.key)
    return upload


def _take(upload: Upload) -> None:
    who = principal_of(upload.user)
    if who is None:
        raise Refused(say("The account of whoever sent this upload is closed."))
    decide(who, upload.practice_id)
    facts = facts_of(protocol.metadata(upload.metadata))
    with transaction.atomic():
        acting = replace(who, practice_id=upload.practice_id)
        job = takers.find(upload.purpose).take(upload, parts.path_of(upload.key), acting, facts)
        if not Upload.objects.filter(pk=upload.pk, job=None).update(job=job):
            raise UploadBusy(parts.TAKEN_OVER)
    upload.job = job


def _again(upload: Upload) -> Upload:
    """The row as it is now. Raises as `there`, and NotFound."""
    fresh = Upload.objects.select_related("user", "job").filter(pk=upload.pk).first()
    if fresh is None:
        raise NotFound(parts.NOT_HERE)
    return there(fresh)


def _check_room(practice_id: int, length: int) -> None:
    unfinished = Upload.objects.open().filter(practice=practice_id)
    if unfinished.count() >= settings.UPLOAD_COUNT:
        raise Conflict(
            say(
                "The practice has {most} unfinished uploads: finish some, take some back, or wait until they expire.",
                most=settings.UPLOAD_COUNT,
            )
        )
    if quotas.limit(practice_id) is not None:
        quotas.check(practice_id, length, promised=promised_to(practice_id))


def promised_to(practice_id: int) -> int:
    """The bytes that the practice's unfinished uploads come to."""
    return Upload.objects.open().filter(practice=practice_id).aggregate(sum=Sum("length"))["sum"] or 0


def _practice(text: str, principal: Principal) -> int:
    if not text:
        if principal.practice_id is None:
            raise Invalid(takers.WRONG, [(PRACTICE, say("Say the practice."))])
        return principal.practice_id
    if not (text.isascii() and text.isdigit() and len(text) < len(str(protocol.LARGEST))):
        raise Invalid(takers.WRONG, [(PRACTICE, say("Write the number of a practice."))])
    return int(text)


def _name(said: dict[str, str]) -> str:
    name = next((said[key] for key in NAMES if said.get(key)), UNNAMED)
    return name.replace("\0", "")[-NAME_LENGTH:]


def _until() -> datetime:
    return timezone.now() + timedelta(hours=settings.UPLOAD_KEEP_HOURS)
