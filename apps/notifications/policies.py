"""What a practice decides: whether patients' names may leave in messages, and which devices it expects to hear from."""

from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.audit.record import Action, tell
from apps.core.errors import Conflict, Invalid, NotFound, Refused
from apps.notifications.kinds import Channel
from apps.notifications.models import Policy, Watch
from apps.saying import say

MOST_WATCHES: Final = 500


def policy_of(practice_id: int) -> Policy:
    """The practice's; that of one that has said nothing is not stored, and lets nothing leave."""
    return Policy.objects.filter(practice=practice_id).first() or Policy(practice_id=practice_id)


def naming(channel: Channel) -> frozenset[int]:
    """The practices that let their patients be named by the channel."""
    held = {"by_email": True} if channel == Channel.EMAIL else {"by_chat": True}
    return frozenset(Policy.objects.filter(**held).values_list("practice", flat=True))


def save_policy(who: Principal, policy: Policy, *, source: str) -> Policy:
    """Raises NotFound and Refused."""
    _decide(who, policy.practice_id)
    with transaction.atomic():
        policy.save()
        words = f"by e-mail {_word(policy.by_email)}, by SMS and chat {_word(policy.by_chat)}"
        _tell(who, policy.practice_id, f"patients' names in messages: {words}", source)
    return policy


def save_watch(who: Principal, watch: Watch, *, source: str) -> Watch:
    """Expect a device to call, or otherwise than before. Raises NotFound, Refused, Invalid and Conflict."""
    _decide(who, watch.practice_id)
    if watch.remote.practice_id != watch.practice_id:
        raise NotFound(say("There is no such device in this practice."))
    try:
        watch.full_clean()
    except ValidationError as error:
        raise Invalid(say("The expected device is not right: {why}", why=" ".join(error.messages))) from error
    with transaction.atomic():
        if not watch.pk and Watch.objects.filter(practice=watch.practice_id).count() >= MOST_WATCHES:
            raise Conflict(say("A practice expects at most {most} devices.", most=MOST_WATCHES))
        # What it is expected to do has changed: it is listened for from now on.
        watch.since, watch.silent_since = timezone.now(), None
        watch.save()
        words = f"expected within {watch.hours} h of days {watch.days}"
        _tell(who, watch.practice_id, f"device {watch.remote.name} {words}", source)
    return watch


def remove_watch(who: Principal, watch: Watch, *, source: str) -> None:
    """Expect nothing of the device any more. Raises NotFound and Refused."""
    _decide(who, watch.practice_id)
    with transaction.atomic():
        watch.delete()
        _tell(who, watch.practice_id, f"device {watch.remote.name} no longer expected", source)


def _decide(who: Principal, practice_id: int) -> None:
    if not who.may_in(Permission.ADMINISTER, practice_id):
        raise NotFound(say("There is no such practice among yours."))
    if not who.may_in_all_of(Permission.ADMINISTER, practice_id):
        raise Refused(say("Only those who administer the whole practice decide on this."))


def _word(is_allowed: bool) -> str:
    return "allowed" if is_allowed else "not allowed"


def _tell(who: Principal, practice_id: int, detail: str, source: str) -> None:
    tell(Action.CONFIGURATION, principal=who, practice_id=practice_id, detail=detail, source=source)
