"""Taking a sound: kept as a file, noted as a row, and a job asked for that listens to it."""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from django.db import transaction

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.core.errors import Conflict, Invalid, Refused, TooLarge, Unavailable, Unsupported
from apps.dictation import engines, files
from apps.dictation.models import Dictation, Mode, State
from apps.dictation.recognising.formats import HEAD, format_of
from apps.jobs.queue import enqueue
from apps.saying import say

JOB: Final = "dictation"
MOST_BYTES: Final = 16 << 20
# Of one user at a time.
MOST_WAITING: Final = 20


def take(who: Principal, sound: Iterable[bytes], *, mode: Mode, language: str) -> Dictation:
    """Have a sound of the user's listened to.

    Raises Refused, Unavailable where there is no recogniser, Unsupported for what is no sound, TooLarge, Conflict where
    too many wait, OutOfSpace, and what `sound` raises.
    """
    if who.practice_id is None or not who.may_in(Permission.REPORT, who.practice_id):
        raise Refused(say("You may not write reports. Ask an administrator."))
    ear = engines.ear_for(mode, language)
    if not ear.is_available:
        raise Unavailable(ear.reason)
    if Dictation.objects.filter(user=who.user_id, state=State.WAITING).count() >= MOST_WAITING:
        raise Conflict(
            say("{most} of your dictations wait to be listened to. Try again in a moment.", most=MOST_WAITING)
        )
    name = files.keep(_checked(sound))
    try:
        with transaction.atomic():
            row = Dictation.objects.create(
                practice_id=who.practice_id, user_id=who.user_id, language=language, mode=mode, engine=ear.engine,
                file=name,
            )  # fmt: skip
            enqueue(JOB, {"dictation": row.pk}, principal=who)
    except BaseException:
        files.discard(name)
        raise
    return row


def _checked(sound: Iterable[bytes]) -> Iterator[bytes]:
    """The sound, once it begins like one, as far as it is not too large."""
    pieces = iter(sound)
    head = b""
    while len(head) < HEAD and (piece := next(pieces, b"")):
        head += piece
    if not head:
        raise Invalid(say("The request brings no sound."))
    if format_of(head) is None:
        raise Unsupported(say("This is no sound that can be listened to: send WAV, WebM, Ogg, MP4 or FLAC."))
    size = 0
    for piece in chain([head], pieces):
        size += len(piece)
        if size > MOST_BYTES:
            raise TooLarge(say("A dictation has at most {most} MiB.", most=MOST_BYTES >> 20))
        yield piece
