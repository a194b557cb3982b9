"""Subscriptions to workitems and to the whole worklist (PS3.4 CC.2.3, table CC.2.3-2; PS3.18 11.10 to 11.12).

A subscription to the worklist subscribes to each workitem that there is and will be; who ends it is unsubscribed from
all of them, who suspends it from none.
"""

from collections.abc import Iterator
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from apps.accounts.principal import Principal
from apps.audit.record import Action, tell
from apps.core.errors import Conflict, Invalid, NotFound, Refused
from apps.remotes.models import ae_title
from apps.saying import say
from apps.worklist import matching
from apps.worklist.models.subscriptions import Subscription, WorklistSubscription
from apps.worklist.models.workitems import Workitem
from apps.worklist.workitems import finding, refusals, reporting
from apps.worklist.workitems.names import Dataset

MOST_OF_A_PRACTICE: Final = 100
MOST_OF_A_WORKITEM: Final = 200
_AT_ONCE: Final = 500


def subscribe(principal: Principal, uid: str, subscriber: str, *, lock: bool) -> str:
    """Tell the AE title of one workitem from now on, first of its state; the Warning that it deserves.

    Raises Invalid for what is no AE title, NotFound, Gone, Conflict for too many subscribers.
    """
    check_title(subscriber)
    with transaction.atomic():
        workitem = finding.seen(principal, uid)
        granted = lock and finding.may_write(principal, workitem.practice_id)
        if workitem.subscriptions.exclude(subscriber=subscriber).count() >= MOST_OF_A_WORKITEM:
            raise Conflict(say("Too many are subscribed to this workitem."))
        workitem.subscriptions.update_or_create(subscriber=subscriber, defaults={"has_lock": granted})
        reporting.tell_subscriber([workitem], subscriber)
        finding.put_on_record(workitem, principal, f"subscribed to by {subscriber}")
    return refusals.LOCK_NOT_GRANTED if lock and not granted else ""


def subscribe_to_worklist(principal: Principal, subscriber: str, keys: Dataset | None, *, lock: bool) -> str:
    """Subscribe the AE title to all workitems of the active practice, or to those that match `keys`, and new ones.

    With a Deletion Lock it is told of the state of each. Returns the Warning that it deserves. Raises Invalid,
    Refused, and Conflict for too many subscribers.
    """
    check_title(subscriber)
    practice = _practice(principal)
    granted = lock and finding.may_write(principal, practice)
    facts = {"keys": keys, "has_lock": granted, "is_suspended": False}
    with transaction.atomic():
        known = WorklistSubscription.objects.filter(practice_id=practice)
        if known.exclude(subscriber=subscriber).count() >= MOST_OF_A_PRACTICE:
            raise Conflict(say("Too many are subscribed to this worklist: let one of them be ended."))
        made, _ = known.update_or_create(
            practice_id=practice, subscriber=subscriber, is_filtered=keys is not None, defaults=facts
        )
        _subscribe_to_all(made)
        _put_on_record(principal, practice, f"{subscriber} subscribed to {_what(made.is_filtered)}")
    return refusals.LOCK_NOT_GRANTED if lock and not granted else ""


def subscribe_to_new(workitem: Workitem) -> None:
    """Subscribe those to a new workitem who want every one, or every one of its kind."""
    for each in WorklistSubscription.objects.filter(practice_id=workitem.practice_id, is_suspended=False):
        if _wants(each, workitem):
            known, made = Subscription.objects.get_or_create(
                workitem=workitem, subscriber=each.subscriber, defaults={"has_lock": each.has_lock}
            )
            if each.has_lock and not made:
                known.has_lock = True
                known.save(update_fields=["has_lock"])


def unsubscribe(principal: Principal, uid: str, subscriber: str) -> None:
    """Tell the AE title of the workitem no more. Raises NotFound where it is not told, Gone."""
    with transaction.atomic():
        workitem = finding.seen(principal, uid)
        if not workitem.subscriptions.filter(subscriber=subscriber).delete()[0]:
            raise NotFound(say("This AE title is not subscribed to the workitem."))
        finding.put_on_record(workitem, principal, f"no longer subscribed to by {subscriber}")


def unsubscribe_from_worklist(principal: Principal, subscriber: str, *, filtered: bool) -> None:
    """End a subscription to the worklist, and to all its workitems one by one (CC.2.3.1). Raises NotFound."""
    practice = _practice(principal)
    with transaction.atomic():
        if not _of_worklist(practice, subscriber, filtered=filtered).delete()[0]:
            raise NotFound(say("This AE title is not subscribed to this worklist."))
        Subscription.objects.filter(workitem__practice_id=practice, subscriber=subscriber).delete()
        _put_on_record(principal, practice, f"{subscriber} no longer subscribed to {_what(filtered)}")


def suspend(principal: Principal, subscriber: str, *, filtered: bool) -> None:
    """Subscribe the AE title to no more new workitems; it stays subscribed to those that it is. Raises NotFound."""
    practice = _practice(principal)
    with transaction.atomic():
        if not _of_worklist(practice, subscriber, filtered=filtered).update(is_suspended=True):
            raise NotFound(say("This AE title is not subscribed to this worklist."))
        _put_on_record(principal, practice, f"{subscriber} suspended its subscription to {_what(filtered)}")


def check_title(subscriber: str) -> None:
    """Raises Invalid for what is no AE title (PS3.5 6.2)."""
    try:
        ae_title(subscriber)
    except ValidationError as error:
        raise Invalid(error.messages[0]) from error


def _practice(principal: Principal) -> int:
    """The active practice. Raises Refused for who may not look at all of it."""
    if principal.practice_id is None or not principal.may_in_all_of(WorklistSubscription.objects.none().permission,
                                                                    principal.practice_id):  # fmt: skip
        raise Refused(say("You may not look at the whole worklist of this practice. Ask an administrator."))
    return principal.practice_id


def _of_worklist(practice: int, subscriber: str, *, filtered: bool) -> QuerySet[WorklistSubscription]:
    return WorklistSubscription.objects.filter(practice_id=practice, subscriber=subscriber, is_filtered=filtered)


def _subscribe_to_all(made: WorklistSubscription) -> None:
    """To what there is already; what is said of one workitem stands before what is said of all (CC.2.3.1)."""
    wanted = []
    for workitem in _present(made):
        wanted.append(workitem)
        if len(wanted) == _AT_ONCE:
            _subscribe_to(wanted, made)
            wanted = []
    _subscribe_to(wanted, made)


def _present(made: WorklistSubscription) -> Iterator[Workitem]:
    present = Workitem.objects.present().filter(practice_id=made.practice_id).order_by("pk")
    return (workitem for workitem in present.iterator(_AT_ONCE) if _wants(made, workitem))


def _subscribe_to(workitems: list[Workitem], made: WorklistSubscription) -> None:
    rows = [Subscription(workitem=each, subscriber=made.subscriber, has_lock=made.has_lock) for each in workitems]
    if made.has_lock:
        Subscription.objects.bulk_create(
            rows, update_conflicts=True, update_fields=["has_lock"], unique_fields=["workitem", "subscriber"]
        )
        reporting.tell_subscriber(workitems, made.subscriber)
    else:
        Subscription.objects.bulk_create(rows, ignore_conflicts=True)


def _wants(subscription: WorklistSubscription, workitem: Workitem) -> bool:
    return not subscription.is_filtered or matching.matches(workitem.dataset, subscription.keys or {})


def _what(filtered: bool) -> str:
    return "workitems that match its keys" if filtered else "all workitems"


def _put_on_record(principal: Principal, practice: int, what: str) -> None:
    tell(Action.SCHEDULE, principal=principal, practice_id=practice, detail=what, source="UPS-RS")
