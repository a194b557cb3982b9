"""Rules and what waits, in words that people read."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from apps.routing.models import Outgoing, OutgoingState, Priority, Rule, When

DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_FEWEST_AS_SPAN: Final = 3


def sentence(rule: Rule, destinations: Sequence[str]) -> str:
    """What the rule does, as a sentence; `destinations` are their names."""
    what = " ".join(_conditions(rule)) or "Everything that arrives"
    when = "at once" if rule.when == When.AT_ONCE else "when the study is complete"
    first = {Priority.HIGH: ", before all else", Priority.LOW: ", after all else"}.get(Priority(rule.priority), "")
    then = f" It is deleted here once {_joined(destinations, 'and')} keep{_s(destinations)} it." if rule.deletes else ""
    return f"{what[:1].upper()}{what[1:]} goes to {_joined(destinations, 'and') or 'nowhere'} {when}{first}.{then}"


def days(digits: str) -> str:
    """`12345` as Monday to Friday."""
    chosen = sorted({int(digit) for digit in digits})
    if len(chosen) >= _FEWEST_AS_SPAN and chosen == list(range(chosen[0], chosen[-1] + 1)):
        return f"{DAYS[chosen[0] - 1]} to {DAYS[chosen[-1] - 1]}"
    return _joined([DAYS[day - 1] for day in chosen], "and")


def state(outgoing: Outgoing) -> str:
    """Its state, with the word for a dead letter and for one that waits for another attempt."""
    if outgoing.state == OutgoingState.WAITING and outgoing.attempts:
        return "Waiting to try again"
    return OutgoingState(outgoing.state).label


def done(outgoing: Outgoing) -> str:
    """How far it is, such as `12 of 20, 2 not taken`."""
    text = f"{outgoing.taken} of {outgoing.total}"
    return f"{text}, {outgoing.parked} not taken" if outgoing.parked else text


def _conditions(rule: Rule) -> Iterator[str]:
    listed = (
        (rule.modalities, "{}"),
        (rule.sop_classes, "of the SOP class {}"),
        (rule.calling_titles, "from {}"),
        (rule.station_names, "of the station {}"),
        (rule.referring_physicians, "for {}"),
    )
    first = True
    for text, words in listed:
        if parts := _parts(text, ";" if text in (rule.station_names, rule.referring_physicians) else ",;"):
            condition = words.format(_joined(parts, "or"))
            yield f"what comes {condition}" if first and words != "{}" else condition
            first = False
    if rule.weekdays:
        yield f"on {days(rule.weekdays)}" if not first else f"what arrives on {days(rule.weekdays)}"
        first = False
    if rule.from_time is not None and rule.to_time is not None:
        clock = f"from {rule.from_time:%H:%M} to {rule.to_time:%H:%M}"
        yield clock if not first else f"what arrives {clock}"


def _parts(text: str, separators: str) -> list[str]:
    for sign in separators[1:]:
        text = text.replace(sign, separators[0])
    return [part.strip() for part in text.split(separators[0]) if part.strip()]


def _joined(names: Iterable[str], word: str) -> str:
    *most, last = [*names] or [""]
    return f"{', '.join(most)} {word} {last}" if most else last


def _s(names: Sequence[str]) -> str:
    return "s" if len(names) == 1 else ""
