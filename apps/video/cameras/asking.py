"""Several cameras' films as one procedure: taken in together, aligned by a job, then converted as any films are."""

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils.dateparse import parse_datetime

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.audit.record import Action, tell
from apps.core import form_data
from apps.core.errors import Invalid, Refused
from apps.core.form_data import Item
from apps.core.http import declared_length
from apps.core.multipart import Limits
from apps.jobs.queue import enqueue
from apps.saying import say
from apps.uploads.deciding import NOWHERE, decide
from apps.video import receiving, wishes
from apps.video.cameras.models import NAME_LENGTH, Alignment, Camera, Procedure
from apps.video.keeping import Folder, Taken
from apps.video.objects import sidecar
from apps.video.objects.uids import seed, study_uid, uid
from apps.video.wishes import LARGEST, WRONG

KIND: Final = "video-align"
SOURCE: Final = "cameras"
FEWEST: Final = 2
MOST: Final = 8
TIME_SOURCE_LENGTH: Final = 16
# Said once for each camera, in the order of the files.
NAMES: Final = "cameras"
STARTS: Final = "startedAt"
OWN: Final = frozenset({NAMES, STARTS, "alignment", "timeSource", "metadata", "practice"})
ZONED: Final = say("Write when each camera began, with its zone, such as 2026-11-22T09:30:00.250+01:00.")


@dataclass(slots=True)
class Form:
    """What came: fields (those of the cameras several times), and the films, which are on the disk."""

    fields: dict[str, str] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    starts: list[str] = field(default_factory=list)
    files: list[tuple[str, Folder, Taken]] = field(default_factory=list)

    def discard(self) -> None:
        for _, folder, _ in self.files:
            folder.discard()


def take(request: HttpRequest, who: Principal) -> Procedure:
    """Keep the films of the request's form, and ask for the job that aligns them.

    Raises Refused and NotFound for who may not store in the practice, Invalid with what is wrong, TooLarge,
    QuotaReached, OutOfSpace, Unavailable, and what `form_data.items` raises.
    """
    if who.whole(Permission.UPLOAD) == frozenset():
        raise Refused(NOWHERE)
    if len(who.practice_ids) == 1:
        receiving.check_room(who.practice_ids[0], declared_length(request) or 0)
    limits = Limits(part_bytes=settings.VIDEO_BYTES, parts=3 * MOST + len(OWN | wishes.FIELDS))
    form = Form()
    try:
        for item in form_data.items(
            request, body_bytes=max(settings.MAX_BODY_BYTES, settings.VIDEO_BYTES), limits=limits
        ):
            _receive(form, item)
        return _kept(form, who)
    except BaseException:
        form.discard()
        raise


def _receive(form: Form, item: Item) -> None:
    if item.file_name is not None and item.name != "metadata":
        _add_file(form, item)
    elif item.name in (NAMES, STARTS):
        several = form.names if item.name == NAMES else form.starts
        several.append(item.text())
    elif item.name in form.fields or item.name not in OWN | wishes.FIELDS:
        raise Invalid(WRONG, [(item.name, say("There is no such field, or it was given before."))])
    else:
        form.fields[item.name] = item.text()


def _add_file(form: Form, item: Item) -> None:
    if len(form.files) == MOST:
        raise Invalid(WRONG, [("files", say("A procedure has {fewest} to {most} cameras.", fewest=FEWEST, most=MOST))])
    folder = Folder.new()
    try:
        taken = folder.write(item.chunks)
    except BaseException:
        folder.discard()
        raise
    form.files.append((item.file_name or f"camera {len(form.files) + 1}", folder, taken))


def _kept(form: Form, who: Principal) -> Procedure:
    practice_id = _practice(form.fields, who)
    decide(who, practice_id)
    _check(form)
    receiving.check_room(practice_id, sum(taken.size for _, _, taken in form.files))
    starts = _starts(form)
    key = _key(form)
    said = {name: value for name, value in form.fields.items() if name not in OWN and value}
    details = form.fields.get("metadata", "").encode() or None
    wish = wishes.read(practice_id, said, details, study=uid(key, "study"))
    with transaction.atomic():
        procedure = Procedure.objects.create(
            practice_id=practice_id,
            requested_by_id=who.user_id or None,
            job=enqueue(KIND, principal=who, practice=practice_id),
            alignment=Alignment.TIMES if starts else Alignment.SOUND,
            is_time_synchronized=bool(form.fields.get("timeSource")),
            time_source=form.fields.get("timeSource", ""),
            started_at=wish.metadata.acquired,
            metadata=sidecar.encoded(wish.metadata),
            policy=wishes.policy_json(wish.policy),
            step=wish.step,
            study_instance_uid=study_uid(wish.metadata),
            synchronization_uid=uid(key, "synchronization"),
        )
        Camera.objects.bulk_create(_cameras(procedure, form, starts, key))
        tell(
            Action.IMPORT, principal=who, practice_id=practice_id, count=0, source=SOURCE,
            study_instance_uid=procedure.study_instance_uid,
            detail=f"procedure {procedure.pk} of {len(form.files)} cameras",
        )  # fmt: skip
    return procedure


def _cameras(procedure: Procedure, form: Form, starts: list[datetime], key: str) -> Iterator[Camera]:
    for number, (name, folder, taken) in enumerate(form.files):
        yield Camera(
            procedure=procedure,
            number=number + 1,
            name=form.names[number] if form.names else f"Camera {number + 1}",
            file_name=name,
            folder=folder.name,
            size=taken.size,
            sha256=taken.sha256,
            started_at=starts[number] if starts else None,
            series_instance_uid=uid(key, f"series {number}"),
        )


def _check(form: Form) -> None:
    """Raises Invalid for a form of too few cameras, with names for some of them, and the like."""
    wrong = []
    if not FEWEST <= len(form.files) <= MOST:
        wrong.append(("files", say("A procedure has {fewest} to {most} cameras.", fewest=FEWEST, most=MOST)))
    if any(not taken.size for _, _, taken in form.files):
        wrong.append(("files", receiving.EMPTY))
    each = say("Give it once for each file, in their order, or not at all.")
    if form.names and (
        len(form.names) != len(form.files) or any(not 0 < len(name) <= NAME_LENGTH for name in form.names)
    ):
        wrong.append((NAMES, each))
    if form.starts and len(form.starts) != len(form.files):
        wrong.append((STARTS, each))
    asked = form.fields.get("alignment", "")
    if asked and asked not in Alignment.values:
        wrong.append(("alignment", say("Write times or sound.")))
    if (asked == Alignment.TIMES and not form.starts) or (asked == Alignment.SOUND and form.starts):
        wrong.append((STARTS, say("When each camera began is said where they are aligned by times, and only there.")))
    if len(form.fields.get("timeSource", "")) > TIME_SOURCE_LENGTH:
        wrong.append(("timeSource", say("It has at most {most} characters.", most=TIME_SOURCE_LENGTH)))
    if wrong:
        raise Invalid(WRONG, wrong)


def _starts(form: Form) -> list[datetime]:
    """When each camera began. Raises Invalid for what is no moment with a zone."""
    found = [_moment(text) for text in form.starts]
    if any(moment is None for moment in found):
        raise Invalid(WRONG, [(STARTS, ZONED)])
    return [moment for moment in found if moment is not None]


def _moment(text: str) -> datetime | None:
    try:
        moment = parse_datetime(text[:40])
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None


def _key(form: Form) -> str:
    """What the UIDs follow from: these films, come together this once."""
    digest = hashlib.sha256("".join(taken.sha256 for _, _, taken in form.files).encode())
    return seed("procedure", secrets.token_hex(16), digest.hexdigest())


def _practice(fields: dict[str, str], who: Principal) -> int:
    text = fields.get("practice", "")
    if not text:
        if who.practice_id is None:
            raise Invalid(WRONG, [("practice", say("Say the practice."))])
        return who.practice_id
    if not (text.isascii() and text.isdigit() and len(text) <= 18 and int(text) <= LARGEST):
        raise Invalid(WRONG, [("practice", say("Write the number of a practice."))])
    return int(text)


def parameters() -> dict[str, Any]:
    """The form, in the schema's words."""
    file = {"type": "string", "format": "binary"}
    text = {"type": "string"}
    fields = {
        "files": {"type": "array", "items": file, "description": f"The cameras' films, {FEWEST} to {MOST}."},
        NAMES: {
            "type": "array",
            "items": text,
            "description": "Their names, in the order of the files.",
        },
        STARTS: {
            "type": "array",
            "items": {"type": "string", "format": "date-time"},
            "description": "When each began; without it they are aligned by what they heard.",
        },
        "alignment": {"type": "string", "enum": list(Alignment.values)},
        "timeSource": {
            "type": "string",
            "description": "The clock that all of theirs are set by.",
        },
        "metadata": {"type": "string", "description": "A sidecar for all of them (JSON)."},
        "practice": {"type": "integer", "description": "Without it, the active one."},
    }
    own = wishes.WishesSerializer().fields
    others = {name: {"type": "string", "description": str(each.help_text or "")} for name, each in own.items()}
    return {"multipart/form-data": {"type": "object", "properties": fields | others, "required": ["files"]}}
