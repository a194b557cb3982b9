"""From what a field is filled in with to its answer: each word is asked of its group."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from apps.reports.content.entries import SourceKind
from apps.reports.content.filling_words import Call
from apps.reports.content.fillings import Choice, Filling, Part
from apps.reports.content.structure import Field
from apps.reports.filling import (
    appointments,
    calcium,
    doses,
    imaging,
    lesions,
    measuring,
    persons,
    priors,
    studies,
)
from apps.reports.filling.facts import Facts
from apps.reports.filling.found import Found, Origin
from apps.saying import say, together

Ask = Callable[[Facts, Call], Found | None]
GROUPS: Final[Mapping[str, Ask]] = {
    "patient": persons.patient,
    "lead": persons.lead,
    "study": studies.study,
    "practice": studies.practice,
    "report": studies.report,
    "series": imaging.series,
    "dose": doses.dose,
    "appointment": appointments.appointment,
    "measurement": measuring.measurement,
    "measurements": measuring.measurements,
    "segment": measuring.segment,
    "segments": measuring.segments,
    "calcium": calcium.calcium,
    "lesions": lesions.lesions,
    "prior": priors.prior,
}

OWN: Final = Origin(SourceKind.TEMPLATE, say("From the template"))
INSTEAD: Final = replace(OWN, said=say("From the template, since nothing is known"))


def answer(facts: Facts, field: Field, filling: Filling) -> Found | None:
    """The answer for a field. A text has the origin of its first answer, and is not confirmed where one of them is not;
    one in which nothing has an answer is none, and neither is one that lacks a part that is not optional."""
    asking = _Asking(facts, field)
    if filling.choice is not None:
        return asking.first(filling.choice)
    parts = [asking.part(part) for part in filling.parts]
    if any(said is None and not part.is_optional for said, part in zip(parts, filling.parts, strict=True)):
        return None
    text = "".join(said for said in parts if said)
    return Found(text, _together(asking.origins)) if asking.origins else None


class _Asking:
    """Asks for one field; `origins` are those of the answers that its text has."""

    def __init__(self, facts: Facts, field: Field) -> None:
        self.facts, self.field = facts, field
        self.origins: list[Origin] = []

    def first(self, choice: Choice) -> Found | None:
        """The first of the choice that has an answer; a text of the template's own is one, as a default is."""
        own = OWN if isinstance(choice.options[0], str) else INSTEAD
        for option in choice.options:
            found = Found(option, own) if isinstance(option, str) else self._asked(option)
            if found is not None:
                return found
        return None

    def part(self, part: Part) -> str | None:
        """The text of a part; None where one of its choices has no answer."""
        said = [piece if isinstance(piece, str) else self.first(piece) for piece in part.pieces]
        if None in said:
            return None
        self.origins += [each.origin for each in said if isinstance(each, Found)]
        return "".join(each.text if isinstance(each, Found) else each for each in said if each is not None)

    def _asked(self, call: Call) -> Found | None:
        return GROUPS[call.group](self.facts, _completed(call, self.field) if call.name == "measurement" else call)


def _completed(call: Call, field: Field) -> Call:
    """What a measurement leaves out is the field's own."""
    codes = {"concept": field.code, **call.codes}
    texts = {**({"unit": field.unit.value} if field.unit else {}), **call.texts}
    return replace(call, codes=codes, texts=texts)


def _together(origins: Sequence[Origin]) -> Origin:
    """Several as one: the first that is not the template's own stands for all."""
    named = [each for each in origins if each.kind is not SourceKind.TEMPLATE] or origins
    said = together(*dict.fromkeys(each.said for each in named))
    return replace(named[0], said=said, is_confirmed=all(each.is_confirmed for each in origins))
