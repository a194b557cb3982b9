"""Reading a resource that came as JSON: every element checked for its type and size, and named by its FHIRPath."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any, Final, NoReturn

from apps.core.errors import Invalid
from apps.fhir import dates
from apps.fhir.errors import Unprocessable
from apps.saying import say

MOST_ITEMS: Final = 50
MOST_CHARACTERS: Final = 1000
UNREADABLE: Final = say("Some of this resource can't be taken as it is: see the issues.")
_OFFSET: Final = re.compile(r"T.*(?:Z|[+-]\d\d:\d\d)$", re.ASCII)
# What changes the meaning of the rest, so that it can't be left out of account (FHIR R4, 2.4.1).
_MODIFIERS: Final = ("modifierExtension", "implicitRules")


@dataclass(frozen=True, slots=True)
class Element:
    """A value of JSON and where it stands; None for what is not there. Each method raises Unprocessable."""

    value: Any
    path: str

    def at(self, name: str) -> "Element":
        """The element of an object."""
        if self.value is not None and not isinstance(self.value, dict):
            self.wrong(say("This is not an object."))
        return Element((self.value or {}).get(name), f"{self.path}.{name}")

    def items(self) -> Iterator["Element"]:
        """Those of a list; none of what is not there."""
        if self.value is None:
            return
        if not isinstance(self.value, list):
            self.wrong(say("This is not a list."))
        if len(self.value) > MOST_ITEMS:
            self.wrong(say("At most {most} of these are taken.", most=MOST_ITEMS))
        for number, value in enumerate(self.value):
            yield Element(value, f"{self.path}[{number}]")

    def each(self, name: str) -> list["Element"]:
        """The items of the list of this name."""
        return list(self.at(name).items())

    def first(self, name: str) -> "Element":
        """The first item of the list of this name; one that is not there where it has none."""
        return next(iter(self.each(name)), Element(None, f"{self.path}.{name}"))

    def text(self, name: str = "", most: int = MOST_CHARACTERS) -> str:
        """The text of this element, or of the one of this name, without spaces around it; empty for none."""
        held = self.at(name) if name else self
        if held.value is None:
            return ""
        if not isinstance(held.value, str):
            held.wrong(say("This is not a text."))
        text = held.value.strip()
        if len(text) > most:
            held.wrong(say("Write at most {most} characters.", most=most))
        return str(text)

    def number(self, name: str) -> int | None:
        """The whole number of this name."""
        held = self.at(name)
        if held.value is None:
            return None
        if not isinstance(held.value, int) or isinstance(held.value, bool):
            held.wrong(say("This is not a whole number."))
        return int(held.value)

    def truth(self, name: str) -> bool | None:
        """The boolean of this name."""
        held = self.at(name)
        if held.value is not None and not isinstance(held.value, bool):
            held.wrong(say("Write true or false."))
        return held.value if isinstance(held.value, bool) else None

    def span(self, name: str, zone: tzinfo) -> dates.Span | None:
        """What the date or dateTime of this name covers, as precise as it is."""
        held = self.at(name)
        text = held.text()
        if not text:
            return None
        found = dates.span(text, zone)
        if found is None:
            held.wrong(say("Write a date as 2024-01-31 or 2024-01-31T09:30:00Z."))
        return found

    def instant(self, name: str) -> datetime | None:
        """The moment of this name, which has a time and an offset."""
        held = self.at(name)
        text = held.text()
        found = dates.span(text, UTC) if _OFFSET.search(text) else None
        if text and found is None:
            held.wrong(say("Write a moment with its time and offset, as 2024-01-31T09:30:00Z."))
        return found.low if found else None

    def wrong(self, detail: str) -> NoReturn:
        """Refuse the resource for this element."""
        raise Unprocessable(UNREADABLE, [(self.path, detail)])


def resource_of(body: object, kind: str) -> Element:
    """A resource of this type. Raises Invalid for what is none, Unprocessable for what would change its meaning."""
    if not isinstance(body, dict):
        raise Invalid(say("Send a resource as a JSON object."))
    if body.get("resourceType") != kind:
        text = say("This address takes resources of the type {kind}.", kind=kind)
        raise Invalid(text, [("resourceType", text)])
    resource = Element(body, kind)
    for name in _MODIFIERS:
        if name in body:
            resource.at(name).wrong(say("This server does not know what this changes. Leave it out."))
    return resource
