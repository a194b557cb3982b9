"""Taking a batch in: the form is streamed to the disk, looked at, and left to a job. What is refused leaves nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Final

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive import quotas
from apps.core import form_data
from apps.core.errors import Invalid, Refused, TooLarge
from apps.core.form_data import Item
from apps.core.http import declared_length
from apps.core.multipart import Limits
from apps.jobs.queue import enqueue
from apps.practice.batches import facts
from apps.practice.batches.facts import MANIFEST, METADATA
from apps.practice.batches.staging import Folder, Plan, StagedFile
from apps.practice.models import Batch
from apps.saying import say
from apps.uploads import zips
from apps.uploads.deciding import NOWHERE, decide
from apps.uploads.entries import Broken
from apps.uploads.sniff import HEAD_BYTES, Content, content_of

KIND: Final = "practice-batch"
SOURCE: Final = "API"
PRACTICE: Final = "practice"
# Besides the files: the practice and the facts.
FIELDS: Final = frozenset({PRACTICE, METADATA}) | facts.FIELDS
WRONG: Final = say("The batch was not taken: see errors.")
NO_FILES: Final = say("Send at least one file, or a zip archive of files, as the field files of the form.")


@dataclass(slots=True)
class Form:
    """What came of the form: fields, a manifest, and the files, which are on the disk."""

    fields: dict[str, str] = field(default_factory=dict)
    manifest: bytes | None = None
    files: list[StagedFile] = field(default_factory=list)


def take(request: HttpRequest, principal: Principal, *, source: str = SOURCE) -> Batch:
    """Keep the files of the request's form for a job, which is asked for.

    Raises Refused and NotFound for who may not store in the practice, Invalid with the fields and files that are wrong,
    TooLarge for more than a batch may bring, QuotaReached, OutOfSpace, Unavailable, and what `form_data.items` raises.
    """
    if principal.whole(Permission.UPLOAD) == frozenset():
        raise Refused(NOWHERE)
    # Who has several practices says in the form which it is.
    if len(principal.practice_ids) == 1:
        quotas.check(principal.practice_ids[0], declared_length(request) or 0)
    limits = Limits(part_bytes=settings.MAX_INSTANCE_BYTES, parts=settings.BATCH_FILES + len(FIELDS) + 1)
    items = form_data.items(request, body_bytes=settings.BATCH_BYTES, limits=limits)
    folder = Folder.new()
    try:
        return _kept(folder, _received(items, folder), principal, source)
    except BaseException:
        folder.discard()
        raise


def _received(items: Iterator[Item], folder: Folder) -> Form:
    form = Form()
    for item in items:
        if item.name == MANIFEST:
            form.manifest = item.data()
        elif item.file_name is None:
            _add_field(form, item)
        else:
            number = len(form.files)
            name = item.file_name or f"file {number + 1}"
            form.files.append(StagedFile(number, name, folder.add(number, item.chunks)))
            _check_count(number + 1)
    return form


def _add_field(form: Form, item: Item) -> None:
    if item.name not in FIELDS:
        raise Invalid(WRONG, [(item.name, facts.NO_FIELD)])
    if item.name in form.fields:
        raise Invalid(WRONG, [(item.name, say("Give this field once."))])
    form.fields[item.name] = item.text()


def _kept(folder: Folder, form: Form, principal: Principal, source: str) -> Batch:
    practice_id = _practice(form.fields.pop(PRACTICE, ""), principal)
    decide(principal, practice_id)
    if not form.files:
        raise Invalid(WRONG, [("files", NO_FILES)])
    size = sum(file.size for file in form.files)
    quotas.check(practice_id, size)
    said = facts.read(form.fields, form.manifest, practice_id)
    total = _count(folder, form.files)
    of_all, named = said.to_json()
    folder.close(Plan(form.files, of_all, named))
    with transaction.atomic():
        # Its parameters name nothing: the batch is known by its job.
        job = enqueue(KIND, principal=principal, practice=practice_id)
        return Batch.objects.create(
            practice_id=practice_id,
            job=job,
            uploaded_by_id=principal.user_id or None,
            source=source,
            folder=folder.name,
            total=total,
            size=size,
        )


def _practice(text: str, principal: Principal) -> int:
    if not text:
        if principal.practice_id is None:
            raise Invalid(WRONG, [(PRACTICE, say("Say the practice."))])
        return principal.practice_id
    if not (text.isascii() and text.isdigit() and len(text) < facts.LONGEST_NUMBER):
        raise Invalid(WRONG, [(PRACTICE, say("Write the number of a practice."))])
    return int(text)


def _count(folder: Folder, files: list[StagedFile]) -> int:
    """How many files there are, those of archives included. Raises Invalid for an archive that can't be read."""
    total = 0
    errors: list[tuple[str, str]] = []
    for file in files:
        with folder.file(file.number).open("rb") as stream:
            try:
                total += files_in(stream)
            except Broken as error:
                errors.append((file.name, str(error)))
        _check_count(total)
    if errors:
        raise Invalid(WRONG, errors[: facts.MOST_ERRORS])
    return total


def files_in(stream: IO[bytes]) -> int:
    """One for a file; for an archive how many it holds. Raises Broken."""
    if content_of(stream.read(HEAD_BYTES)) is not Content.ZIP:
        return 1
    names = zips.names(stream)
    if any(map(zips.leads_out, names)):
        raise Broken(say("It names files outside of itself: pack it anew."))
    return len(names)


def _check_count(count: int) -> None:
    if count > settings.BATCH_FILES:
        raise TooLarge(
            say("A batch has at most {batch_files} files. Send them in several.", batch_files=settings.BATCH_FILES)
        )
