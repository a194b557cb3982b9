"""What people write again and again: their own phrases, and their practices'."""

import re
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.audit.record import Action, tell
from apps.core.errors import Conflict, Invalid, NotFound, Refused
from apps.dictation.phrases import Spoken
from apps.reports.content.checking import cleaned
from apps.reports.models import Phrase
from apps.reports.models.phrases import NAME_LENGTH, PHRASE_LENGTH
from apps.saying import Sentence, say

WRITES: Final = Permission.REPORT
# Those that everybody of a practice has are its administrators'.
DECIDES: Final = Permission.ADMINISTER
# Of a person, and of a practice.
MOST: Final = 500
NO_PHRASE: Final = say("There is no such phrase.")
NAME_FORM: Final = say("A name has letters, digits, spaces, hyphens and underscores, and begins with a letter.")
_NAME: Final = re.compile(r"[^\W\d_][\w -]*")


def phrases(who: Principal) -> QuerySet[Phrase]:
    """Their own, and those of the practices that they write reports in, by name."""
    practices = [practice for practice in who.practice_ids if who.may_in(WRITES, practice)]
    found = Phrase.objects.filter(practice__in=practices).filter(Q(user=who.user_id) | Q(user=None))
    return found.select_related("practice").order_by("name", "pk")


def phrase_of(who: Principal, pk: int) -> Phrase:
    """Raises NotFound."""
    found = phrases(who).filter(pk=pk).first()
    if found is None:
        raise NotFound(NO_PHRASE)
    return found


def may_change(who: Principal, phrase: Phrase) -> bool:
    """Whether the caller may change or remove it."""
    return phrase.user_id == who.user_id if phrase.user_id else who.may_in_all_of(DECIDES, phrase.practice_id)


def save(who: Principal, phrase: Phrase, *, source: str = "") -> Phrase:
    """Keep a new or changed phrase. Raises Refused, Invalid, and Conflict where there is one of the name already, or
    there are too many."""
    _check(who, phrase)
    phrase.name, phrase.text = " ".join(phrase.name.split()), str(cleaned(phrase.text))
    if errors := _wrong(phrase):
        raise Invalid(errors[0][1], errors)
    is_new = phrase.pk is None
    try:
        with transaction.atomic():
            if is_new and _siblings(phrase).count() >= MOST:
                raise Conflict(say("There are {most} phrases already. Remove some first.", most=MOST))
            phrase.save()
            _told(who, phrase, "added" if is_new else "changed", source)
    except IntegrityError as error:
        raise Conflict(say("There is a phrase of this name already.")) from error
    return phrase


def remove(who: Principal, phrase: Phrase, *, source: str = "") -> None:
    """Raises Refused."""
    _check(who, phrase)
    with transaction.atomic():
        _told(who, phrase, "removed", source)
        phrase.delete()


def spoken(user_id: int, practice_id: int, language: str) -> list[Spoken]:
    """What a person may say in a practice: their own phrases, and the practice's of other names after them."""
    rows = Phrase.objects.filter(Q(user=user_id) | Q(user=None), practice=practice_id, language=language)
    said = dict[str, str]()
    for row in rows.order_by(F("user").asc(nulls_last=True), "name")[: 2 * MOST]:
        said.setdefault(row.name, row.text)
    return [Spoken(name, text) for name, text in said.items()]


def _check(who: Principal, phrase: Phrase) -> None:
    if not who.may_in(WRITES, phrase.practice_id) or not may_change(who, phrase):
        raise Refused(say("Phrases of a practice are changed by who administers it, one's own by oneself."))


def _wrong(phrase: Phrase) -> list[tuple[str, Sentence]]:
    checks: list[tuple[str, bool, Sentence]] = [
        ("name", bool(_NAME.fullmatch(phrase.name)) and len(phrase.name) <= NAME_LENGTH, NAME_FORM),
        ("text", bool(phrase.text.strip()), say("A phrase without a text says nothing.")),
        ("text", len(phrase.text) <= PHRASE_LENGTH, say("A phrase has at most {most} characters.", most=PHRASE_LENGTH)),
    ]
    return [(field, reason) for field, is_right, reason in checks if not is_right]


def _siblings(phrase: Phrase) -> QuerySet[Phrase]:
    return Phrase.objects.filter(practice=phrase.practice_id, user=phrase.user_id)


def _told(who: Principal, phrase: Phrase, what: str, source: str) -> None:
    detail = f"phrase {phrase.pk} {what}"
    tell(Action.CONFIGURATION, principal=who, practice_id=phrase.practice_id, detail=detail, source=source)
