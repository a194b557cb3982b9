"""People in messages (PID) as the practice's leads."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from apps.hl7.acting.context import Context, as_faults
from apps.hl7.v2.faults import Condition, Faulty, Place
from apps.hl7.v2.message import Segment
from apps.practice.leads import people, values
from apps.practice.leads.reading import MOST_NAMES
from apps.practice.leads.values import Wrong
from apps.practice.models import Lead, NameUse
from apps.saying import say
from apps.worklist.models import Sex
from apps.worklist.wording import day_of

# Kinds of identifiers (table 0203): health cards, and the patient's number at the sender; those are the practice's.
_HEALTH: Final = frozenset({"HC", "JHN", "NH"})
_OWN: Final = ("PI", "MR", "PT", "")
_SEXES: Final = {"F": Sex.FEMALE, "M": Sex.MALE, "O": Sex.OTHER, "A": Sex.OTHER}
# Kinds of names (table 0200) that are the person's own now, and what others are.
_NOW: Final = frozenset({"", "L", "D", "U"})
_OTHERS: Final = {"M": NameUse.MAIDEN}
_WRITTEN: Final = {"I": NameUse.IDEOGRAPHIC, "P": NameUse.PHONETIC}
_MAIL: Final = frozenset({"NET", "INTERNET", "X.400"})

_NOT_IN_NAMES: Final = {ord(sign): " " for sign in "^=\\"}

# Components of an identifier (CX): value, assigning authority with its universal ID, kind.
Identifier = tuple[str, str, str, str]


def taken(context: Context, pid: Segment | None = None, *, status: str = "") -> tuple[Lead, str]:
    """The lead that PID is about, brought to what it says, and what that has changed; `status` is theirs from now on.

    Raises Faulty.
    """
    pid = pid or context.message.needed("PID")
    facts = facts_of(context, pid) | ({"status": status} if status else {})
    if "identifiers" in facts:
        facts["identifiers"] = _with_known(context, facts)
    with as_faults(Place("PID")):
        found = people.upsert(context.by, context.practice_id, facts, source=context.source)
    if found.lead is None:
        raise Faulty(Condition.INTERNAL, say("The person could not be kept."), Place("PID"))
    return found.lead, found.change.value


def facts_of(context: Context, pid: Segment) -> dict[str, Any]:
    """What PID says of a person, by the names of `Facts`: what it leaves out isn't said. Raises Faulty."""
    facts: dict[str, Any] = {"external_id": own_id(context, pid, 3)}
    facts |= _other_ids(context, pid)
    facts |= _names(pid)
    if day := _birth_date(pid):
        facts["birth_date"] = day
    if pid.raw(8):
        facts["sex"] = _SEXES.get(pid.value(8).upper(), "")
    facts |= _said(pid, 11, "addresses", lambda each: _address(pid, each))
    facts |= _contacts(pid)
    facts |= _language(pid)
    return facts


def _with_known(context: Context, facts: Mapping[str, Any]) -> list[dict[str, str]]:
    """The IDs that are said, and those that are known: the latter may be what images were made under."""
    mine = Lead.objects.filter(practice=context.practice_id, external_id=facts["external_id"])
    known = mine.values_list("identifiers", flat=True).first() or []
    return [*facts["identifiers"], *(each for each in known if each not in facts["identifiers"])][:MOST_NAMES]


def own_id(context: Context, segment: Segment, field: int) -> str:
    """The patient's ID at the practice, of a list of them (CX). Raises Faulty where there is none."""
    found = list(_identifiers(segment, field))
    if authority := context.sender.authority.casefold():
        mine = [each for each in found if authority in (each[1].casefold(), each[2].casefold())]
    else:
        mine = sorted((each for each in found if each[3] in _OWN), key=lambda each: _OWN.index(each[3])) or found
    if mine:
        return mine[0][0]
    if found:
        text = say(
            "None of its IDs is of the assigning authority {name}, as the sender's should be.",
            name=context.sender.authority,
        )
        raise Faulty(Condition.REQUIRED_FIELD, text, segment.place(field, 4))
    raise Faulty(Condition.REQUIRED_FIELD, say("There is no patient ID."), segment.place(field))


def _identifiers(segment: Segment, field: int) -> Iterator[Identifier]:
    for each in segment.repetitions(field):
        value = segment.part(each, 1)
        if value:
            authority, universal = segment.part(each, 4), segment.part(each, 4, 2)
            yield value, authority, universal, segment.part(each, 5).upper()


def _other_ids(context: Context, pid: Segment) -> dict[str, Any]:
    own, others = own_id(context, pid, 3), list(_identifiers(pid, 3))
    facts: dict[str, Any] = {}
    for value, authority, _, kind in others:
        if kind in _HEALTH and "health_number" not in facts:
            facts |= {"health_number": value, "health_number_system": authority[:16]}
    rest = [each for each in others if each[0] != own and each[3] not in _HEALTH]
    if rest:
        facts["identifiers"] = [{"value": value, "issuer": authority} for value, authority, _, _ in rest]
    return facts


def _names(pid: Segment) -> dict[str, Any]:
    """The name that the person has now, and the others: maiden names, aliases, other ways of writing (XPN, 2.A.88)."""
    facts: dict[str, Any] = {}
    others = [_other(pid, each) for each in pid.repetitions(9)]
    for each in pid.repetitions(5):
        kind, writing = pid.part(each, 7).upper(), pid.part(each, 8).upper()
        if kind in _NOW and writing not in _WRITTEN and not facts:
            names = ("given_name", "middle_name", "suffix", "prefix")
            facts["family_name"] = _plain(pid.part(each, 1))
            facts |= {name: _plain(pid.part(each, place)) for place, name in enumerate(names, start=2)}
        else:
            others.append(_other(pid, each))
    if others:
        facts["other_names"] = [each for each in others if each["family"] or each["given"]]
    return facts


def _other(pid: Segment, each: str) -> dict[str, Any]:
    kind, writing = pid.part(each, 7).upper(), pid.part(each, 8).upper()
    use = _WRITTEN.get(writing) or _OTHERS.get(kind, NameUse.ALIAS)
    return {"family": _plain(pid.part(each, 1)), "given": _plain(pid.part(each, 2)), "use": use.value}


def _birth_date(pid: Segment) -> object:
    """None for what is less than a day: it is then not known here."""
    text = pid.value(7)
    if len(text) < 8:
        return None
    day = day_of(text[:8])
    if day is None:
        raise Faulty(Condition.DATA_TYPE, say("This is no date of birth. Write YYYYMMDD."), pid.place(7))
    return day


def _said(pid: Segment, field: int, name: str, read: Callable[[str], object]) -> dict[str, Any]:
    """A list, where the field says anything: nothing at all, where it says that there is nothing."""
    if not pid.raw(field):
        return {}
    if pid.is_null(field):
        return {name: []}
    return {name: [found for each in pid.repetitions(field) if (found := read(each))][:10]}


def _address(pid: Segment, each: str) -> dict[str, str]:
    """Of an XAD (2.A.85)."""
    street, other, city, region, postcode, country = (_plain(pid.part(each, place)) for place in range(1, 7))
    lines = ", ".join(filter(None, (street, other)))[:120]
    found = {"line": lines, "city": city, "region": region, "postcode": postcode, "country": country}
    return {name: value for name, value in found.items() if value}


def _contacts(pid: Segment) -> dict[str, Any]:
    """Telephone numbers and e-mail addresses (XTN, 2.A.89); those that are none are left out."""
    if not (pid.raw(13) or pid.raw(14)):
        return {}
    facts: dict[str, Any] = {"phones": [], "emails": []}
    for field in (13, 14):
        for each in pid.repetitions(field):
            mail = pid.part(each, 4) if _is_mail(pid, each) else ""
            facts["emails"] += _readable(values.email, mail)
            facts["phones"] += [] if mail else _readable(values.phone, _number(pid, each))
    return {name: found[:10] for name, found in facts.items() if found or pid.is_null(13)}


def _is_mail(pid: Segment, each: str) -> bool:
    return not _MAIL.isdisjoint({pid.part(each, 2).upper(), pid.part(each, 3).upper()})


def _number(pid: Segment, each: str) -> str:
    """As one wrote it once (12), or as a text, or in its parts."""
    country, area, local, extension = (pid.part(each, place) for place in range(5, 9))
    if whole := pid.part(each, 12) or pid.part(each, 1):
        return whole
    parts = f"{'+' * bool(country)}{country.removeprefix('+')}{area}{local}"
    return f"{parts}x{extension}" if extension and parts else parts


def _readable(read: Callable[[object], str], text: str) -> list[str]:
    try:
        return [read(text)] if text else []
    except Wrong:
        return []


def _language(pid: Segment) -> dict[str, Any]:
    """A code of ISO 639 alone: others are of tables that each site has of its own."""
    code = pid.value(15)
    try:
        return {"preferred_language": values.language(code)} if code else {}
    except Wrong:
        return {}


def _plain(text: str) -> str:
    """Without what has a meaning in DICOM's names."""
    return " ".join(text.translate(_NOT_IN_NAMES).split())
