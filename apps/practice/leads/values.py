"""Single values as they are kept: texts without stray spaces, numbers and addresses in one spelling, real dates."""

import re
import unicodedata
from collections.abc import Callable, Collection
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils import timezone

from apps.saying import say

Read = Callable[[Any], Any]

EARLIEST: Final = date(1850, 1, 1)
EMAIL_LENGTH: Final = 254
# E.164 has 15 digits at most; an extension comes after them.
_PHONE: Final = re.compile(r"(\+?)([0-9]{3,15})(?:(?:x|ext|#)([0-9]{1,8}))?")
_BETWEEN_DIGITS: Final = re.compile(r"\(0\)|[\s().\-/\u00b7\u2010-\u2015]")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,4}")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_email: Final = EmailValidator()


class Wrong(ValueError):
    """It can't be kept: `detail` says what to write instead, `path` which part of the value it is about."""

    def __init__(self, detail: str, path: str = "") -> None:
        super().__init__(detail)
        self.detail, self.path = detail, path


def text(most: int, forbidden: str = "", *, required: bool = False) -> Read:
    """Reads a text of at most so many characters, with single spaces, and without control characters."""

    def read(value: object) -> str:
        kept = _plain(value)
        if len(kept) > most:
            raise Wrong(say("Write at most {most} characters.", most=most))
        if found := sorted(set(kept) & set(forbidden)):
            raise Wrong(say("Leave out {names}.", names=" ".join(found)))
        if required and not kept:
            raise Wrong(say("Say it, or leave the whole item out."))
        return kept

    return read


def choice(values: Collection[str], default: str = "") -> Read:
    """Reads one of these values; nothing stands for the default."""

    def read(value: object) -> str:
        kept = _plain(value) or default
        if kept and kept not in values:
            raise Wrong(say("Write one of: {names}.", names=", ".join(values)))
        return kept

    return read


def birth_date(value: object) -> date | None:
    """A date, or its text as 1980-01-31; None for nothing. Raises Wrong for days to come, and before 1850."""
    if value is None or value == "":
        return None
    day = value if isinstance(value, date) else _iso_date(value)
    if isinstance(day, datetime) or not EARLIEST <= day <= timezone.localdate() + timedelta(days=1):
        raise Wrong(say("Write the day of birth: it is not in the future, nor before 1850."))
    return day


def moment(value: object) -> str:
    """A date or moment (ISO 8601), as text; empty for nothing."""
    kept = _plain(value.isoformat() if isinstance(value, date) else value)
    try:
        if kept:
            datetime.fromisoformat(kept)
    except ValueError as error:
        raise Wrong(say("Write a date or moment as 2024-01-31 or 2024-01-31T09:30:00+01:00.")) from error
    return kept


def phone(value: object) -> str:
    """A telephone number as digits, with a + before those of a country (E.164), and x before an extension."""
    plain = unicodedata.normalize("NFKC", _plain(value)).lower()
    found = _PHONE.fullmatch(_BETWEEN_DIGITS.sub("", plain).removeprefix("tel:").replace(":", ""))
    if found is None:
        raise Wrong(say("Write a telephone number as +41 79 123 45 67 or 079 123 45 67: 3 to 15 digits."))
    plus, digits, extension = found.groups()
    if digits.startswith("00") and len(digits) > 6:
        plus, digits = "+", digits[2:]
    return f"{plus}{digits}{f'x{extension}' if extension else ''}"


def email(value: object) -> str:
    """An e-mail address in lower case."""
    kept = _plain(value).removeprefix("mailto:").lower()
    try:
        _email(kept)
    except ValidationError as error:
        raise Wrong(say("Write an e-mail address as jane@example.org.")) from error
    if len(kept) > EMAIL_LENGTH:
        raise Wrong(say("Write at most {email_length} characters.", email_length=EMAIL_LENGTH))
    return kept


def language(value: object) -> str:
    """A language tag (BCP 47) such as fr or pt-BR; empty for nothing."""
    kept = _plain(value).replace("_", "-")
    if kept and not _LANGUAGE.fullmatch(kept):
        raise Wrong(say("Write a language as fr or pt-BR."))
    first, *rest = kept.split("-")
    return "-".join([first.lower(), *(part.upper() if len(part) == 2 else part for part in rest)])


def truth(value: object) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise Wrong(say("Write true or false."))
    return value


def _plain(value: object) -> str:
    """A text without what can't be seen; nothing for None."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Wrong(say("Write a text."))
    if _CONTROL.search(value.strip()):
        raise Wrong(say("Leave out tabs, line ends and other control characters."))
    return unicodedata.normalize("NFC", " ".join(value.split()))


def _iso_date(value: object) -> date:
    try:
        return date.fromisoformat(_plain(value))
    except ValueError as error:
        raise Wrong(say("Write a date as 1980-01-31.")) from error
