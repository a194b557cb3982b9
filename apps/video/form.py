"""A request's form of films: streamed to the disk, read, and kept; what is refused leaves nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Final

from django.conf import settings
from django.http import HttpRequest

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.core import form_data
from apps.core.errors import Invalid, Refused, TooLarge
from apps.core.form_data import Item
from apps.core.http import declared_length
from apps.core.multipart import Limits
from apps.saying import say
from apps.uploads.deciding import NOWHERE, decide
from apps.video import receiving, wishes
from apps.video.keeping import Folder, Taken
from apps.video.models import Video
from apps.video.receiving import Arrival, Sender
from apps.video.wishes import WRONG

SOURCE: Final = "API"
PRACTICE: Final = "practice"
METADATA: Final = "metadata"
BATCH: Final = "batch"
BATCH_LENGTH: Final = 64
SIDECAR: Final = ".json"
FIELDS: Final = frozenset({PRACTICE, METADATA, BATCH}) | wishes.FIELDS
NO_FILES: Final = say("Send at least one video as the field files of the form.")
ONCE: Final = say("Give this field once.")


@dataclass(slots=True)
class Form:
    """What came: fields, sidecars by the names of their files, and the films, which are on the disk."""

    fields: dict[str, str] = field(default_factory=dict)
    sidecars: dict[str, bytes] = field(default_factory=dict)
    files: list[tuple[str, Folder, Taken]] = field(default_factory=list)

    def discard(self) -> None:
        for _, folder, _ in self.files:
            folder.discard()


def take(request: HttpRequest, principal: Principal) -> list[Video]:
    """Keep the films of the request's form for jobs, which are asked for.

    Raises Refused and NotFound for who may not store in the practice, Invalid with the fields and files that are wrong,
    TooLarge, QuotaReached, OutOfSpace, Unavailable, and what `form_data.items` raises.
    """
    if principal.whole(Permission.UPLOAD) == frozenset():
        raise Refused(NOWHERE)
    # Who has several practices says in the form which it is.
    if len(principal.practice_ids) == 1:
        receiving.check_room(principal.practice_ids[0], declared_length(request) or 0)
    most = 2 * settings.VIDEO_FILES + len(FIELDS)
    limits = Limits(part_bytes=settings.VIDEO_BYTES, parts=most)
    items = form_data.items(request, body_bytes=max(settings.MAX_BODY_BYTES, settings.VIDEO_BYTES), limits=limits)
    form = Form()
    try:
        _receive(items, form)
        return _kept(form, principal)
    except BaseException:
        form.discard()
        raise


def _receive(items: Iterator[Item], form: Form) -> None:
    for item in items:
        if item.file_name is None or item.name == METADATA:
            _add_field(form, item)
        elif item.file_name.lower().endswith(SIDECAR):
            form.sidecars[item.file_name] = item.data()
        else:
            _add_file(form, item)


def _add_field(form: Form, item: Item) -> None:
    if item.name not in FIELDS:
        raise Invalid(WRONG, [(item.name, say("There is no such field of a video."))])
    if item.name in form.fields:
        raise Invalid(WRONG, [(item.name, ONCE)])
    form.fields[item.name] = item.text()


def _add_file(form: Form, item: Item) -> None:
    if len(form.files) == settings.VIDEO_FILES:
        raise TooLarge(say("A request may bring at most {most} videos.", most=settings.VIDEO_FILES))
    folder = Folder.new()
    try:
        taken = folder.write(item.chunks)
    except BaseException:
        folder.discard()
        raise
    form.files.append((item.file_name or f"video {len(form.files) + 1}", folder, taken))


def _kept(form: Form, principal: Principal) -> list[Video]:
    practice_id = _practice(form.fields.pop(PRACTICE, ""), principal)
    decide(principal, practice_id)
    if not form.files:
        raise Invalid(WRONG, [("files", NO_FILES)])
    receiving.check_room(practice_id, sum(taken.size for _, _, taken in form.files))
    named = form.fields.pop(BATCH, "")
    if len(named) > BATCH_LENGTH:
        raise Invalid(WRONG, [(BATCH, say("It has at most {most} characters.", most=BATCH_LENGTH))])
    batch = receiving.batch_key(principal, practice_id, named or form.files[0][1].name)
    arrivals = list(_arrivals(form, practice_id, receiving.study_of(batch)))
    return receiving.register(arrivals, Sender(principal, practice_id, SOURCE, batch))


def _arrivals(form: Form, practice_id: int, study: str) -> Iterator[Arrival]:
    """Each film with its own sidecar (film.json or film.mp4.json beside film.mp4), or with that of all."""
    of_all = form.fields.pop(METADATA, "").encode() or None
    said = {name: value for name, value in form.fields.items() if value}
    sidecars = dict(form.sidecars)
    for name, folder, taken in form.files:
        own = [sidecars.pop(each, None) for each in (f"{name}{SIDECAR}", f"{PurePath(name).stem}{SIDECAR}")]
        details = next((each for each in own if each is not None), of_all)
        yield Arrival(folder, taken, name, wishes.read(practice_id, said, details, study=study))
    if sidecars:
        raise Invalid(WRONG, [(name, say("No video of this request has this name.")) for name in sorted(sidecars)])


def _practice(text: str, principal: Principal) -> int:
    if not text:
        if principal.practice_id is None:
            raise Invalid(WRONG, [(PRACTICE, say("Say the practice."))])
        return principal.practice_id
    if not (text.isascii() and text.isdigit() and int(text[:19]) <= wishes.LARGEST and len(text) <= 18):
        raise Invalid(WRONG, [(PRACTICE, say("Write the number of a practice."))])
    return int(text)
