"""How a practice has its films converted, and its mask templates: kept, changed and removed, each of it on record."""

from typing import Final

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models, transaction

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.audit.record import Action, tell
from apps.core.errors import Conflict, Invalid, NotFound, Refused
from apps.core.serializers import camel
from apps.saying import say
from apps.video.models import MaskTemplate, PracticePolicy

MOST_TEMPLATES: Final = 200
WRONG: Final = say("Some of what was sent is not right: see errors.")


def policy_of(practice_id: int) -> PracticePolicy:
    """What the practice wants; the usual where it has said nothing, not saved."""
    return PracticePolicy.objects.filter(pk=practice_id).first() or PracticePolicy(practice_id=practice_id)


def save_policy(who: Principal, policy: PracticePolicy, *, source: str) -> PracticePolicy:
    """Have the practice's films converted so from now on. Raises Refused, NotFound, Invalid with what is wrong."""
    decide(who, policy.practice_id)
    _check(policy)
    with transaction.atomic():
        before = policy_of(policy.practice_id)
        changes = [name for name in _written(policy) if getattr(before, name) != getattr(policy, name)]
        policy.save()
        said = ", ".join(f"{name} {getattr(policy, name)}" for name in changes) or "nothing"
        _tell(who, policy.practice_id, f"conversion of videos changed: {said}", source)
    return policy


def save_mask(who: Principal, template: MaskTemplate, *, source: str) -> MaskTemplate:
    """Keep or change a template. Raises Refused, NotFound, Invalid with what is wrong, Conflict for too many."""
    decide(who, template.practice_id)
    _check(template)
    with transaction.atomic():
        before = MaskTemplate.objects.select_for_update().filter(pk=template.pk).first() if template.pk else None
        if before is None:
            _check_count(template.practice_id)
        elif before.practice_id != template.practice_id:
            raise Invalid(say("A mask template stays in its practice: add another one there."))
        template.save()
        what = "changed" if before else "added"
        detail = f"video mask {template.name} {what}: {len(template.masks)} rectangles"
        _tell(who, template.practice_id, detail, source)
    return template


def remove_mask(who: Principal, template: MaskTemplate, *, source: str) -> None:
    """Forget a template; what was converted by it stays as it is. Raises Refused and NotFound."""
    decide(who, template.practice_id)
    with transaction.atomic():
        _tell(who, template.practice_id, f"video mask {template.name} removed", source)
        template.delete()


def decide(who: Principal, practice_id: int | None) -> None:
    """Raises Refused, and NotFound, for who does not administer all of the practice."""
    if not who.may_in_all_of(Permission.ADMINISTER, practice_id):
        if practice_id is None or not who.may_in(Permission.ADMINISTER, practice_id):
            raise NotFound(say("There is no such thing in your practices."))
        raise Refused(say("Only those who administer the whole practice decide how its videos are converted."))


def _check_count(practice_id: int) -> None:
    if MaskTemplate.objects.filter(practice=practice_id).count() >= MOST_TEMPLATES:
        raise Conflict(
            say(
                "A practice has at most {most} mask templates. Remove those that are no longer used.",
                most=MOST_TEMPLATES,
            )
        )


def _check(row: models.Model) -> None:
    """Raises Invalid with what the model's rules don't allow, by the fields' names outside."""
    try:
        row.full_clean()
    except ValidationError as error:
        wrong = [
            ("name" if name == NON_FIELD_ERRORS else camel(name), text)
            for name, texts in error.message_dict.items()
            for text in texts
        ]
        raise Invalid(WRONG, wrong) from error


def _written(row: models.Model) -> list[str]:
    fields = row._meta.concrete_fields  # noqa: SLF001
    return [field.name for field in fields if field.editable and not field.primary_key]


def _tell(who: Principal, practice_id: int, detail: str, source: str) -> None:
    tell(Action.CONFIGURATION, principal=who, practice_id=practice_id, detail=detail, source=source)
