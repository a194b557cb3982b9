"""Many people at once, from the practice's software or a table: known ones are changed, new ones added.

Each row stands or falls by itself. Some hundred rows are one transaction, with a few statements however many they are;
what has been taken stays, and saying all of it again changes nothing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from apps.accounts.principal import Principal
from apps.core.errors import Conflict, TooLarge
from apps.practice.leads.facts import Facts
from apps.practice.leads.reading import Errors, attempt
from apps.practice.leads.writing import Written, decide, insert, lacks, name_key, put, settle, update
from apps.practice.models import Lead
from apps.saying import say

MOST_AT_ONCE: Final = 20_000
CHUNK: Final = 500
_ATTEMPTS: Final = 3
SAME_PERSON: Final = say("A row before this one is about the same person.")

Row = Mapping[str, object]
# What two rows about the same person have in common.
Claim = tuple[str, object]
# How many of how many rows are done.
Progress = Callable[[int, int], None]


class Change(Enum):
    """What becomes of a row."""

    CREATED = "created"
    CHANGED = "changed"
    SAME = "same"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Taken:
    """A row's lead and what its coming has changed, or what is wrong with which field of it.

    In a preview, a new lead has no number, and nothing has been saved.
    """

    change: Change
    lead: Lead | None = None
    fields: tuple[str, ...] = ()
    errors: Errors = ()


@dataclass(slots=True)
class _Known:
    """The leads that rows may be about, and those that a row before was about, by what they are known by."""

    by_external_id: dict[str, Lead] = field(default_factory=dict)
    by_patient_id: dict[str, Lead] = field(default_factory=dict)
    by_person: dict[tuple[str, object], list[Lead]] = field(default_factory=dict)

    def add(self, lead: Lead) -> None:
        if lead.external_id:
            self.by_external_id[lead.external_id] = lead
        if lead.patient_id:
            self.by_patient_id[lead.patient_id] = lead
        same = self.by_person.setdefault((lead.name_key, lead.birth_date), [])
        if not any(each is lead for each in same):
            same.append(lead)


class _Wrong(Exception):
    def __init__(self, name: str, detail: str) -> None:
        super().__init__(detail)
        self.errors: Errors = ((name, detail),)


@dataclass(frozen=True, slots=True)
class _Coming:
    """How rows come: by whom, to which practice, what is done with them, and whom rows before were about."""

    who: Principal
    practice_id: int
    source: str
    by_person: bool
    is_preview: bool
    claimed: set[Claim] = field(default_factory=set)


def upsert_many(
    who: Principal,
    practice_id: int,
    rows: Sequence[Row],
    *,
    source: str,
    by_person: bool = False,
    is_preview: bool = False,
    progress: Progress = lambda _done, _total: None,
) -> list[Taken]:
    """Take these people, at most `MOST_AT_ONCE`; the answers are in the rows' order.

    A row is about the lead of its external ID, else of its patient ID, else it is new. With `by_person`, one without
    either is about the lead of the same names and birth date. A deleted lead that comes again is restored.
    With `is_preview` it is told what would become of each row, and nothing is saved. Raises Refused, NotFound,
    TooLarge, and Conflict when somebody else writes the same leads all the while.
    """
    decide(who, practice_id)
    if len(rows) > MOST_AT_ONCE:
        raise TooLarge(
            say("At most {most_at_once} leads are taken at once. Send them in parts.", most_at_once=MOST_AT_ONCE)
        )
    coming = _Coming(who, practice_id, source, by_person, is_preview)
    taken: list[Taken] = []
    for start in range(0, len(rows), CHUNK):
        taken += _insisting(coming, [attempt(row) for row in rows[start : start + CHUNK]])
        progress(len(taken), len(rows))
    return taken


def _insisting(coming: _Coming, rows: Sequence[tuple[Facts, Errors]]) -> list[Taken]:
    """Take the rows; again, when somebody else has added one of their leads meanwhile."""
    for _ in range(_ATTEMPTS):
        claimed = set(coming.claimed)
        try:
            with transaction.atomic():
                taken = _take(replace(coming, claimed=claimed), rows)
        except IntegrityError:
            continue
        coming.claimed.update(claimed)
        return taken
    raise Conflict(say("Others are writing the same leads. Try again in a moment."))


def _take(coming: _Coming, rows: Sequence[tuple[Facts, Errors]]) -> list[Taken]:
    known = _known(coming, [facts for facts, _ in rows])
    taken = [_judged(coming, known, facts, errors) for facts, errors in rows]
    if not coming.is_preview:
        _save(coming, taken)
    return taken


def _judged(coming: _Coming, known: _Known, facts: Facts, errors: Errors) -> Taken:
    """What becomes of a row; the lead is written to, and not saved."""
    if errors:
        return Taken(Change.WRONG, errors=errors)
    try:
        lead = _of(coming, known, facts)
    except _Wrong as wrong:
        return Taken(Change.WRONG, errors=wrong.errors)
    is_new = lead is None
    lead = lead or Lead(practice_id=coming.practice_id, source=coming.source)
    if errors := lacks(lead, facts):
        return Taken(Change.WRONG, errors=errors)
    claims = set(_claims(lead, facts))
    if claims & coming.claimed:
        return Taken(Change.WRONG, errors=((_named(facts), SAME_PERSON),))
    coming.claimed.update(claims)
    changed = put(lead, facts)
    if lead.deleted_at:
        lead.deleted_at = None
        changed.append("deleted_at")
    known.add(lead)
    if is_new:
        return Taken(Change.CREATED, lead, tuple(changed))
    return Taken(Change.CHANGED if changed else Change.SAME, lead, tuple(changed))


def _of(coming: _Coming, known: _Known, facts: Facts) -> Lead | None:
    """The lead that the row is about; None for a new one. Raises _Wrong."""
    external_id, patient_id = facts.get("external_id", ""), facts.get("patient_id", "")
    lead = known.by_external_id.get(external_id)
    holder = known.by_patient_id.get(patient_id)
    if lead is None and holder is not None and not (external_id and holder.external_id):
        return holder
    if holder is not None and holder is not lead:
        raise _Wrong("patientId", say("Another lead of this practice has this patient ID."))
    if lead is None and coming.by_person and not (external_id or patient_id):
        return _by_person(known, facts)
    return lead


def _by_person(known: _Known, facts: Facts) -> Lead | None:
    if not facts.get("birth_date"):
        raise _Wrong("birthDate", say("Say the birth date, or an ID: else this would be another lead each time."))
    same = known.by_person.get(_person(facts), [])
    if len(same) > 1:
        raise _Wrong("externalId", say("Several leads have this name and birth date: say the ID of the one you mean."))
    return same[0] if same else None


def _person(facts: Facts) -> tuple[str, object]:
    return name_key(_names(facts)), facts.get("birth_date")


def _names(facts: Facts) -> Iterator[str]:
    yield from (facts.get("family_name", ""), facts.get("given_name", ""), facts.get("middle_name", ""))
    for each in facts.get("other_names", []):
        yield from (each.get("family", ""), each.get("given", ""))


def _claims(lead: Lead, facts: Facts) -> Iterator[Claim]:
    ids = {name: facts.get(name) or getattr(lead, name) for name in ("external_id", "patient_id")}
    yield from ((name, value) for name, value in ids.items() if value)
    if lead.pk:
        yield "pk", lead.pk
    elif not any(ids.values()) and facts.get("birth_date"):
        yield "person", _person(facts)


def _named(facts: Facts) -> str:
    """By which field, outside, the row says whom it is about."""
    if facts.get("external_id"):
        return "externalId"
    return "patientId" if facts.get("patient_id") else "familyName"


def _known(coming: _Coming, said: Sequence[Facts]) -> _Known:
    mine = Lead.objects.filter(practice=coming.practice_id)
    ids = {f"{name}__in": values for name in ("external_id", "patient_id") if (values := _values(said, name))}
    known = _Known()
    for lead in _held(coming, mine.filter(Q(**ids, _connector=Q.OR))) if ids else ():
        known.add(lead)
    if coming.by_person:
        people = [_person(facts) for facts in said if facts.get("birth_date")]
        same = Q(name_key__in={name for name, _ in people}) & Q(birth_date__in={born for _, born in people})
        already = {lead.pk: lead for lead in (*known.by_external_id.values(), *known.by_patient_id.values())}
        for lead in _held(coming, mine.filter(same, deleted_at=None)):
            known.add(already.get(lead.pk, lead))
    return known


def _held(coming: _Coming, leads: QuerySet[Lead]) -> QuerySet[Lead]:
    """The leads in one order, so that no two writers wait for each other; locked where they are to be written."""
    ordered = leads.order_by("pk")
    return ordered if coming.is_preview else ordered.select_for_update()


def _values(said: Sequence[Facts], name: str) -> set[object]:
    return {facts[name] for facts in said if facts.get(name)}  # type: ignore[literal-required]


def _save(coming: _Coming, taken: Sequence[Taken]) -> None:
    insert([each.lead for each in taken if each.lead and each.change is Change.CREATED])
    update([each.lead for each in taken if each.lead and each.change is Change.CHANGED])
    written = [Written(each.lead, _what(each)) for each in taken if each.lead and each.change is not Change.SAME]
    settle(coming.who, coming.practice_id, written, coming.source)


def _what(taken: Taken) -> str:
    if taken.change is Change.CREATED:
        return "added"
    return f"changed: {', '.join(taken.fields)}".replace("deleted_at", "restored")
