"""A destination that is asked to commit itself (pynetdicom's), and studies that were sent there."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import Any

from django.utils import timezone
from pydicom import Dataset
from pynetdicom import AE, evt

from apps.accounts.models import Practice
from apps.archive.models import Instance, Study
from apps.remotes.models import Remote
from apps.routing.commitments.taking import SOP_CLASS, SOP_INSTANCE
from apps.routing.models import Delivery, DeliveryState, Outgoing, OutgoingState, Rule
from tests import dicoms
from tests.dicomweb.archive import keep


@dataclass
class Keeping:
    """What it was asked, and how it answers: the status of the N-ACTION, and what its report leaves out."""

    status: int = 0
    reports: bool = True
    without: frozenset[str] = frozenset()
    asked: list[Dataset] = field(default_factory=list)
    told: list[int] = field(default_factory=list)

    def take(self, event: Any) -> tuple[int, None]:
        self.asked.append(event.action_information)
        if self.reports:
            Thread(target=self._tell, args=(event.assoc, event.action_information)).start()
        return self.status, None

    def _tell(self, association: Any, asked: Dataset) -> None:
        report, kind = report_on(asked, self.without)
        answer, _ = association.send_n_event_report(report, kind, SOP_CLASS, SOP_INSTANCE)
        self.told.append(int(answer.Status))


def report_on(asked: Dataset, without: frozenset[str] = frozenset()) -> tuple[Dataset, int]:
    """The report to a request and its event type; the UIDs of `without` are not kept."""
    report = Dataset()
    report.TransactionUID = asked.TransactionUID
    items = list(asked.ReferencedSOPSequence)
    report.ReferencedSOPSequence = [item for item in items if item.ReferencedSOPInstanceUID not in without]
    failed = [item for item in items if item.ReferencedSOPInstanceUID in without]
    for item in failed:
        item.FailureReason = 0x0112
    if failed:
        report.FailedSOPSequence = failed
    return report, 2 if failed else 1


@contextmanager
def keeping(remote: Remote, peer: Keeping | None = None, *, offers: str = SOP_CLASS) -> Iterator[Keeping]:
    """The remote listens, as the provider of storage commitment."""
    peer = peer or Keeping()
    entity = AE(remote.title)
    entity.add_supported_context(offers)
    server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_N_ACTION, peer.take)])
    assert server is not None
    Remote.objects.filter(pk=remote.pk).update(host="127.0.0.1", port=server.server_address[1])
    try:
        yield peer
    finally:
        server.shutdown()


def deleting_rule(practice: Practice, *destinations: Remote, name: str = "To the cloud", **fields: Any) -> Rule:
    """A rule by which studies are deleted here afterwards."""
    rule = Rule.objects.create(practice=practice, name=name, deletes=True, **fields)
    rule.destinations.set(destinations)
    return rule


def sent(rule: Rule, *objects: bytes) -> Study:
    """A study that is here, came to rest, and has gone to all destinations of the rule."""
    Rule.objects.filter(pk=rule.pk).update(is_active=False)
    keep(rule.practice, *(objects or dicoms.ct_series(3)))
    Rule.objects.filter(pk=rule.pk).update(is_active=True)
    study = Study.objects.get(practice=rule.practice)
    for remote in rule.destinations.all():
        deliver(study, remote, rule)
    return study


def deliver(study: Study, remote: Remote, rule: Rule | None, state: str = OutgoingState.SENT) -> Outgoing:
    """The study in the outbox, with all instances that it has now."""
    keys = Instance.objects.filter(series__study=study).values_list("pk", "sop_instance_uid")
    is_sent = state == OutgoingState.SENT
    row = Outgoing.objects.create(
        practice_id=study.practice_id, remote=remote, rule=rule, study=study, state=state, total=len(keys),
        study_instance_uid=study.study_instance_uid, taken=len(keys) if is_sent else 0,
        sent_at=timezone.now() if is_sent else None,
    )  # fmt: skip
    of = DeliveryState.TAKEN if is_sent else DeliveryState.WAITING
    Delivery.objects.bulk_create(
        Delivery(outgoing=row, instance_key=key, sop_instance_uid=uid, state=of) for key, uid in keys
    )
    return row
