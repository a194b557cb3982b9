"""Rules and what waits, in words that people read."""

from collections.abc import Iterator, Sequence
from typing import Final

from django.utils.dates import WEEKDAYS

from apps.core.languages import in_english
from apps.routing.models import Outgoing, OutgoingState, Priority, Rule, When
from apps.saying import Sentence, say, say_count, together

_FEWEST_AS_SPAN: Final = 3
# The key and the words of what waits for another attempt.
AGAIN: Final = "again"
AGAIN_WORDS: Final = say("Waiting to try again")


def sentence(rule: Rule, destinations: Sequence[str]) -> Sentence:
    """What the rule does, in sentences; `destinations` are their names."""
    return together(*_sentences(rule, destinations))


def days(digits: str) -> Sentence:
    """`12345` as Monday to Friday."""
    chosen = sorted({int(digit) for digit in digits})
    names = [in_english(WEEKDAYS[day - 1]) for day in chosen]
    if len(chosen) >= _FEWEST_AS_SPAN and chosen == list(range(chosen[0], chosen[-1] + 1)):
        return say("{first} to {last}", first=names[0], last=names[-1])
    return _all_of(names)


def state(outgoing: Outgoing) -> tuple[str, Sentence]:
    """Its state by key and words, with words of their own for what waits for another attempt."""
    if outgoing.state == OutgoingState.WAITING and outgoing.attempts:
        return AGAIN, AGAIN_WORDS
    return outgoing.state, in_english(OutgoingState(outgoing.state).label)


def done(outgoing: Outgoing) -> Sentence:
    """How far it is, such as `12 of 20, 2 not taken`."""
    taken, total = outgoing.taken, outgoing.total
    if outgoing.parked:
        return say("{taken} of {total}, {parked} not taken", taken=taken, total=total, parked=outgoing.parked)
    return say("{taken} of {total}", taken=taken, total=total)


def _sentences(rule: Rule, destinations: Sequence[str]) -> Iterator[Sentence]:
    conditions = list(_conditions(rule))
    yield _main(rule, destinations, is_limited=bool(conditions))
    yield from conditions
    if rule.priority == Priority.HIGH:
        yield say("It goes before all else.")
    if rule.priority == Priority.LOW:
        yield say("It goes after all else.")
    if rule.deletes and destinations:
        yield say_count(
            "It is deleted here once {names} keeps it.",
            "It is deleted here once {names} keep it.",
            len(destinations),
            names=_all_of(destinations),
        )


def _main(rule: Rule, destinations: Sequence[str], *, is_limited: bool) -> Sentence:
    if not destinations:
        return say("What arrives goes nowhere.")
    names = _all_of(destinations)
    if rule.when == When.AT_ONCE:
        if is_limited:
            return say("What arrives goes to {names} at once.", names=names)
        return say("Everything that arrives goes to {names} at once.", names=names)
    if is_limited:
        return say("What arrives goes to {names} when the study is complete.", names=names)
    return say("Everything that arrives goes to {names} when the study is complete.", names=names)


def _conditions(rule: Rule) -> Iterator[Sentence]:
    """What limits the rule, a sentence each."""
    if names := _parts(rule.modalities):
        yield say("Only the modality {names}.", names=_any_of(names))
    if names := _parts(rule.sop_classes):
        yield say("Only the SOP class {names}.", names=_any_of(names))
    if names := _parts(rule.calling_titles):
        yield say("Only from {names}.", names=_any_of(names))
    if names := _parts(rule.station_names, ";"):
        yield say("Only from the station {names}.", names=_any_of(names))
    if names := _parts(rule.referring_physicians, ";"):
        yield say("Only for {names}.", names=_any_of(names))
    if rule.weekdays:
        yield say("Only on {days}.", days=days(rule.weekdays))
    if rule.from_time is not None and rule.to_time is not None:
        yield say("Only from {start} to {end}.", start=f"{rule.from_time:%H:%M}", end=f"{rule.to_time:%H:%M}")


def _parts(text: str, separators: str = ",;") -> list[str]:
    for sign in separators[1:]:
        text = text.replace(sign, separators[0])
    return [part.strip() for part in text.split(separators[0]) if part.strip()]


def _all_of(names: Sequence[str]) -> Sentence:
    *most, last = names
    return say("{names} and {last}", names=_listed(most), last=last) if most else together(last)


def _any_of(names: Sequence[str]) -> Sentence:
    *most, last = names
    return say("{names} or {last}", names=_listed(most), last=last) if most else together(last)


def _listed(names: Sequence[str]) -> Sentence:
    first, *others = names
    listed = together(first)
    for name in others:
        listed = say("{names}, {name}", names=listed, name=name)
    return listed
