"""Texts in the language of whoever reads them."""

import logging
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.timezone import is_aware, localtime
from django.utils.translation import get_language, get_language_from_request, gettext, ngettext, override

from apps.saying import Sentence, say

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

logger = logging.getLogger("fovea.languages")

# What gettext and gettext_lazy give.
Label: TypeAlias = "str | StrPromise"


def translated(text: str) -> str:
    """A text in the active language: English where the catalogue of that language has no words for it."""
    if not isinstance(text, Sentence):
        return gettext(text) if text else text
    found = ngettext(text.template, text.plural, text.number) if text.plural else gettext(text.template)
    try:
        return found.format(**{name: _value(value) for name, value in text.values.items()})
    except (LookupError, ValueError):
        logger.warning("The translation of %r into %s fills other places.", text.template, get_language())
        return str(text)


def in_english(label: object) -> Sentence:
    """A label of a choice as services say it: the English one for the record, and translated where it is read."""
    with override("en"):
        return say(str(label))


def language_of(request: HttpRequest) -> str:
    """In what language a request is answered: as its middleware found, or as the request itself says."""
    return getattr(request, "LANGUAGE_CODE", "") or get_language_from_request(request)


def _value(value: Any) -> Any:
    match value:
        case Sentence():
            return translated(value)
        case datetime():
            return date_format(localtime(value) if is_aware(value) else value, "SHORT_DATETIME_FORMAT")
        case date():
            return date_format(value, "SHORT_DATE_FORMAT")
    return value
