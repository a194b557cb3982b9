"""Adding, changing and removing rules: checked, and on record."""

from collections.abc import Iterator, Sequence
from typing import Final

from django.db import transaction

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.audit.record import Action, tell
from apps.core.errors import Conflict, Invalid, NotFound, Refused
from apps.remotes.administering import check
from apps.remotes.models import Protocol, Remote
from apps.routing.models import Rule
from apps.routing.words import sentence
from apps.saying import say, together

MOST_RULES: Final = 200
# Field, and what is wrong with it.
Finding = tuple[str, str]


def save_rule(who: Principal, rule: Rule, destinations: Sequence[Remote], *, source: str) -> Rule:
    """Add a rule, or change one; it holds for what arrives from now on.

    Raises Refused, NotFound, Invalid with what is wrong, Conflict where a practice has MOST_RULES.
    """
    _decide(who, rule.practice_id)
    check(rule)
    if wrong := list(findings(rule, destinations)):
        raise Invalid(together(*(text for _, text in wrong)))
    with transaction.atomic():
        before = Rule.objects.filter(pk=rule.pk).first() if rule.pk else None
        if before is None and Rule.objects.filter(practice=rule.practice_id).count() >= MOST_RULES:
            raise Conflict(
                say(
                    "A practice has at most {most_rules} rules. Remove those that are no longer used.",
                    most_rules=MOST_RULES,
                )
            )
        if before is not None and before.practice_id != rule.practice_id:
            raise Invalid(say("A rule stays in its practice: add another one there."))
        rule.save()
        rule.destinations.set(destinations)
        _tell(who, rule, _told("changed" if before else "added", rule, destinations), source)
    return rule


def remove_rule(who: Principal, rule: Rule, *, source: str) -> None:
    """What it has put into the outbox still goes. Raises Refused, NotFound."""
    _decide(who, rule.practice_id)
    with transaction.atomic():
        what = _told("removed", rule, list(rule.destinations.all()))
        practice_id = rule.practice_id
        rule.delete()
        rule.practice_id = practice_id
        _tell(who, rule, what, source)


def findings(rule: Rule, destinations: Sequence[Remote]) -> Iterator[Finding]:
    """What is wrong with where a rule sends to."""
    if not destinations:
        yield "destinations", say("Choose at least one destination.")
    for remote in destinations:
        if remote.practice_id != rule.practice_id:
            yield "destinations", say("{name} belongs to another practice.", name=remote.name)
        if _senders(rule) == {remote.title} and remote.title:
            yield (
                "destinations",
                say("All that this rule is about comes from {name}: it does not go back there.", name=remote.name),
            )
        if rule.deletes and remote.protocol != Protocol.DIMSE:
            yield (
                "deletes",
                say(
                    "{name} is reached by DICOMweb, where it can't be asked to commit itself to keep anything.",
                    name=remote.name,
                ),
            )


def _senders(rule: Rule) -> set[str]:
    return {part.strip() for part in rule.calling_titles.replace(";", ",").split(",") if part.strip()}


def _decide(who: Principal, practice_id: int | None) -> None:
    if who.may_in_all_of(Permission.ADMINISTER, practice_id):
        return
    if practice_id is None or not who.may_in(Permission.ADMINISTER, practice_id):
        raise NotFound(say("There is no such thing in your practices."))
    raise Refused(say("Only those who administer the whole practice decide on what goes where."))


def _told(what: str, rule: Rule, destinations: Sequence[Remote]) -> str:
    switched = "" if rule.is_active else " (switched off)"
    return f"routing rule {rule.name} {what}{switched}: {sentence(rule, [each.name for each in destinations])}"


def _tell(who: Principal, rule: Rule, detail: str, source: str) -> None:
    tell(Action.CONFIGURATION, principal=who, practice_id=rule.practice_id, detail=detail, source=source)
