"""Event reports on workitems (PS3.4 CC.2.4), written with what they tell of, for the process that delivers them."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from apps.dicom.attributes import items, values
from apps.worklist.models.subscriptions import Subscription, WorkitemEvent, WorklistSubscription
from apps.worklist.models.workitems import Workitem
from apps.worklist.workitems import names
from apps.worklist.workitems.names import Dataset

# Event Type IDs (table CC.2.4-1).
STATE_REPORT, CANCEL_REQUESTED, PROGRESS_REPORT, SCP_STATUS_CHANGE, ASSIGNED = range(1, 6)
_N_EVENT_REPORT: Final = 0x0100
_HAS_DATA_SET: Final = 0x0001
_AT_ONCE: Final = 1000
_OF_CANCEL_REQUEST: Final = (
    names.REASON_FOR_CANCELLATION, names.DISCONTINUATION_REASON_CODES, names.CONTACT_URI, names.CONTACT_NAME,
)  # fmt: skip


def tell_created(workitem: Workitem) -> None:
    """A UPS State Report; and UPS Assigned, where stations or people are named (CC.2.4.3)."""
    _tell(workitem, [state_report(workitem), *_assignments(workitem.dataset, {})])


def tell_changed(workitem: Workitem, before: Dataset) -> None:
    """What the subscribers are told of an update: readiness, progress, assignment."""
    after = workitem.dataset
    reports = []
    if after.get(names.INPUT_READINESS) != before.get(names.INPUT_READINESS):
        reports.append(state_report(workitem))
    if after.get(names.PROGRESS_INFORMATION) != before.get(names.PROGRESS_INFORMATION):
        reports.append(_event(PROGRESS_REPORT, {names.PROGRESS_INFORMATION: after[names.PROGRESS_INFORMATION]}))
    _tell(workitem, [*reports, *_assignments(after, before)])


def tell_state(workitem: Workitem) -> None:
    """A UPS State Report to all its subscribers."""
    _tell(workitem, [state_report(workitem)])


def tell_cancel_requested(workitem: Workitem, asked: Dataset, requester: str) -> bool:
    """UPS Cancel Requested; whether there is anybody to tell."""
    given = {tag: asked[tag] for tag in _OF_CANCEL_REQUEST if values(asked, tag)}
    information = {names.REQUESTING_AE: {"vr": "AE", "Value": [requester]}, **given}
    return _tell(workitem, [_event(CANCEL_REQUESTED, information)]) > 0


def tell_subscriber(workitems: Iterable[Workitem], subscriber: str) -> None:
    """The current state of these workitems, to one who has just subscribed to them."""
    events = (
        WorkitemEvent(
            practice_id=each.practice_id, subscriber=subscriber, report=addressed(state_report(each), each.uid)
        )
        for each in workitems
    )
    WorkitemEvent.objects.bulk_create(events, batch_size=_AT_ONCE)


def tell_restarted() -> None:
    """SCP Status Change to all who subscribed to the worklist: nothing of it was lost (a warm start, CC.2.4.3)."""
    report = addressed(scp_status("RESTARTED"), names.WORKLIST)
    globally = WorklistSubscription.objects.order_by().values_list("practice_id", "subscriber").distinct()
    WorkitemEvent.objects.bulk_create(
        (
            WorkitemEvent(practice_id=practice, subscriber=subscriber, report=report)
            for practice, subscriber in globally
        ),
        batch_size=_AT_ONCE,
    )


def state_report(workitem: Workitem) -> Dataset:
    """UPS State Report (table CC.2.4-1), with the reason where it has been cancelled."""
    told = {tag: workitem.dataset[tag] for tag in (names.STATE, names.INPUT_READINESS) if tag in workitem.dataset}
    for item in items(workitem.dataset, names.PROGRESS_INFORMATION):
        reasons = (names.REASON_FOR_CANCELLATION, names.DISCONTINUATION_REASON_CODES)
        told |= {tag: dict(item[tag]) for tag in reasons if values(item, tag)}
    return _event(STATE_REPORT, told)


def scp_status(status: str) -> Dataset:
    """SCP Status Change: RESTARTED or GOING DOWN."""
    lists = {names.SUBSCRIPTION_LIST_STATUS: _code("WARM START"), names.LIST_STATUS: _code("WARM START")}
    return _event(SCP_STATUS_CHANGE, {names.SCP_STATUS: _code(status)} | (lists if status == "RESTARTED" else {}))


def addressed(report: Dataset, uid: str) -> Dataset:
    """The report as that of this instance (PS3.7 table 10.3-1)."""
    return dict(sorted((report | {"00001000": {"vr": "UI", "Value": [uid]}}).items()))


def _event(kind: int, information: Dataset) -> Dataset:
    """The command's fields, but the Message ID that each connection counts, and the event's information."""
    return {
        "00000002": {"vr": "UI", "Value": [names.UPS_PUSH]},
        "00000100": {"vr": "US", "Value": [_N_EVENT_REPORT]},
        "00000800": {"vr": "US", "Value": [_HAS_DATA_SET]},
        "00001002": {"vr": "US", "Value": [kind]},
        **information,
    }


def _assignments(after: Dataset, before: Dataset) -> Iterator[Dataset]:
    """UPS Assigned, for the stations and for each person who are newly named."""
    stations = names.STATION_NAME_CODES
    if values(after, stations) and after[stations] != before.get(stations):
        yield _event(ASSIGNED, {stations: after[stations]})
    if after.get(names.HUMAN_PERFORMERS) != before.get(names.HUMAN_PERFORMERS):
        known = (names.HUMAN_PERFORMER_CODES, names.HUMAN_PERFORMER_ORGANIZATION)
        for person in items(after, names.HUMAN_PERFORMERS):
            yield _event(ASSIGNED, {tag: dict(person[tag]) for tag in known if values(person, tag)})


def _tell(workitem: Workitem, reports: Iterable[Dataset]) -> int:
    """Write these reports for each subscriber of the workitem; how many there are."""
    subscribers = list(Subscription.objects.filter(workitem=workitem).values_list("subscriber", flat=True))
    events = [
        WorkitemEvent(practice_id=workitem.practice_id, subscriber=subscriber, report=addressed(report, workitem.uid))
        for report in reports
        for subscriber in subscribers
    ]
    WorkitemEvent.objects.bulk_create(events, batch_size=_AT_ONCE)
    return len(subscribers)


def _code(value: str) -> dict[str, Any]:
    return {"vr": "CS", "Value": [value]}
