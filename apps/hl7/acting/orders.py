"""Orders as steps of the worklist: ORM^O01, OMG^O19, OMI^O23 (HL7 v2.9, 4.4; IHE RAD TF-2 4.4 for the fields)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import Q
from django.utils import timezone

from apps.hl7.acting import people
from apps.hl7.acting.context import Context, as_faults
from apps.hl7.acting.planning import device_of, procedure_of
from apps.hl7.acting.values import When, first_of, line, minutes, name_of, technician_of, when
from apps.hl7.v2.faults import Condition, Faulty
from apps.hl7.v2.message import Segment
from apps.practice.appointments import worklist
from apps.practice.appointments.steps import patient_of
from apps.practice.models import Lead
from apps.saying import say
from apps.worklist import scheduling
from apps.worklist.models import Priority, ScheduledStep, StepState
from apps.worklist.models.scheduled import LONG_LENGTH, SHORT_LENGTH
from apps.worklist.taking import Change, state_of, take

# Steps that one message may plan.
MOST: Final = 50
# Between an order's number and those of its second step and on.
_NEXT: Final = "#"
# Order control codes (table 0119): new ones and changes, those that end an order, and news of its status.
_PLANS: Final = frozenset({"NW", "SN", "XO", "XX", "RO", "CH"})
_AGAIN: Final = frozenset({"NW", "SN", "RO"})
_ENDS: Final = frozenset({"CA", "OC", "DC", "OD"})
_NEWS: Final = frozenset({"SC", "SR"})
# Quantity/timing priorities (table 0485), as IHE maps them.
_PRIORITIES: Final = {
    "S": Priority.STAT, "A": Priority.HIGH, "P": Priority.HIGH, "C": Priority.HIGH, "T": Priority.MEDIUM,
    "R": Priority.ROUTINE,
}  # fmt: skip


@dataclass(slots=True)
class Order:
    """An ORC with the segments that follow it."""

    orc: Segment
    segments: dict[str, list[Segment]] = field(default_factory=dict)

    def of(self, name: str) -> list[Segment]:
        return self.segments.get(name, [])

    @property
    def number(self) -> str:
        """The placer's, else the filler's (ORC-2, ORC-3, OBR-2, OBR-3)."""
        obr = self.of("OBR")[:1]
        said = (segment.value(place) for place in (2, 3) for segment in (self.orc, *obr))
        return first_of(*said)[:LONG_LENGTH]


@dataclass(frozen=True, slots=True)
class Part:
    """One procedure of an order: its OBR, and its IPC where there is one. `external_id` is the step's."""

    order: Order
    obr: Segment
    ipc: Segment | None
    external_id: str


def take_orders(context: Context) -> str:
    """Plan, change and cancel what the message orders. Raises Faulty; then nothing of it is done."""
    found = list(_orders(context))
    if not found:
        context.message.needed("ORC")
    done = [_judged(order)(context, order) for order in found]
    return ", ".join(done)


def _orders(context: Context) -> Iterator[Order]:
    order: Order | None = None
    for segment in context.message.segments:
        if segment.name == "ORC":
            if order:
                yield order
            order = Order(segment)
        elif order and segment.name in ("OBR", "TQ1", "IPC", "ZDS"):
            order.segments.setdefault(segment.name, []).append(segment)
    if order:
        yield order


def _judged(order: Order) -> Callable[[Context, Order], str]:
    control = order.orc.value(1).upper()
    if not order.number:
        raise Faulty(Condition.REQUIRED_FIELD, say("The order has no number."), order.orc.place(2))
    for controls, verb in ((_PLANS, _plan), (_ENDS, _end), (_NEWS, _follow)):
        if control in controls:
            return verb
    text = say("Nothing is done here for the order control code {code}.", code=control[:10] or "(none)")
    raise Faulty(Condition.TABLE_VALUE, text, order.orc.place(1))


def _plan(context: Context, order: Order) -> str:
    lead, _ = people.taken(context)
    parts = list(_parts(order))
    if len(parts) > MOST:
        raise Faulty(Condition.SEGMENT_SEQUENCE, say("At most {most} in a message.", most=MOST), order.orc.place())
    return ", ".join(_plan_part(context, part, lead) for part in parts)


def _parts(order: Order) -> Iterator[Part]:
    if not order.of("OBR"):
        text = say("The order does not say what is to be done: it has no OBR segment.")
        raise Faulty(Condition.SEGMENT_SEQUENCE, text, order.orc.place())
    controls: list[Segment | None] = [*order.of("IPC")]
    pairs = [(order.of("OBR")[0], ipc) for ipc in controls] or [(obr, None) for obr in order.of("OBR")]
    for number, (obr, ipc) in enumerate(pairs, start=1):
        ending = f"{_NEXT}{number}" if number > 1 else ""
        yield Part(order, obr, ipc, f"{order.number[: LONG_LENGTH - len(ending)]}{ending}")


def _plan_part(context: Context, part: Part, lead: Lead) -> str:
    known = state_of(context.practice_id, part.external_id)
    if known and known[1] == StepState.CANCELLED and part.order.orc.value(1).upper() in _AGAIN:
        with as_faults(part.order.orc.place(2)):
            worklist.reopen(ScheduledStep.objects.get(pk=known[0]), context.by, source=context.source)
    facts = _facts(context, part, is_new=known is None)
    with as_faults(part.obr.place()):
        taken = take(context.practice_id, patient_of(lead) | facts, context.by, source=context.source)
    if taken.change is Change.KEPT:
        text = say("It has begun or ended here, so it was not changed.")
        raise Faulty(Condition.INTERNAL, text, part.order.orc.place(2), is_rejection=False)
    return f"step {taken.step.step_id} {taken.change.value}"


def _facts(context: Context, part: Part, *, is_new: bool) -> dict[str, Any]:
    """What is said of a step, by the names of `Planned`: what is empty isn't said. Raises Faulty."""
    said = {
        **_identifiers(part),
        **_where(context, part),
        **_what(context, part),
        **_timing(part),
        "referring_physician": name_of(part.obr, 16) or _referring(context),
        "performing_physician": technician_of(part.obr, 34),
    }
    facts = {name: value for name, value in said.items() if value not in ("", None)}
    if is_new:
        _complete(context, part, facts)
    return facts


def _complete(context: Context, part: Part, facts: dict[str, Any]) -> None:
    """An order without a day is for today; one without a modality can't be on a worklist."""
    facts.setdefault("start_date", timezone.localdate())
    if "modality" not in facts:
        text = say(
            "No modality is known for this code. Send it in OBR-24 or IPC-5, or enter the code with the sender {name}.",
            name=context.sender.name,
        )
        raise Faulty(Condition.REQUIRED_FIELD, text, part.obr.place(24))


def _identifiers(part: Part) -> dict[str, str]:
    obr, ipc = part.obr, part.ipc
    zds = next(iter(part.order.of("ZDS")), None)
    return {
        "external_id": part.external_id,
        "accession_number": first_of(ipc.value(1) if ipc else "", obr.value(18)),
        "requested_procedure_id": first_of(ipc.value(2) if ipc else "", obr.value(19)),
        "step_id": first_of(ipc.value(4) if ipc else "", obr.value(20)),
        "study_instance_uid": first_of(ipc.value(3) if ipc else "", zds.value(1) if zds else ""),
    }


def _where(context: Context, part: Part) -> dict[str, str]:
    obr, ipc = part.obr, part.ipc
    procedure = procedure_of(context, obr.value(4), obr.value(4, 4), obr.value(44))
    device = ipc.value(9) if ipc else device_of(context, part.order.orc.value(18), obr.value(21))
    return {
        "modality": first_of(
            *(ipc.value(5).upper() if ipc else "", obr.value(24).upper()), procedure.modality if procedure else ""
        ),
        "station_titles": first_of(device, procedure.station_title if procedure else ""),
        "station_name": line(ipc.value(7), SHORT_LENGTH) if ipc else "",
        "location": line(ipc.value(8), SHORT_LENGTH) if ipc else "",
    }


def _what(context: Context, part: Part) -> dict[str, str]:
    obr, ipc = part.obr, part.ipc
    procedure = first_of(obr.value(44, 2), obr.value(4, 2), obr.value(4))
    protocol = first_of(ipc.value(6, 2) if ipc else "", obr.value(4, 5), obr.value(4, 2), obr.value(4))
    return {"requested_description": line(procedure, LONG_LENGTH), "description": line(protocol, LONG_LENGTH)}


def _timing(part: Part) -> dict[str, Any]:
    order, obr = part.order, part.obr
    tq1 = next(iter(order.of("TQ1")), None)
    start = (when(tq1, 7) if tq1 else None) or when(order.orc, 7, 4) or when(obr, 27, 4) or when(obr, 36)
    priority = first_of(tq1.value(9) if tq1 else "", order.orc.value(7, 6), obr.value(27, 6), obr.value(5))
    return {
        **(_start(start) if start else {}),
        "minutes": minutes(tq1.value(6), tq1.value(6, 2)) if tq1 else None,
        "priority": _PRIORITIES.get(priority[:1].upper(), ""),
    }


def _start(start: When) -> Mapping[str, Any]:
    local = timezone.localtime(start.at)
    time = local.time().replace(microsecond=0) if start.has_time else None
    return {"start_date": local.date(), "start_time": time}


def _referring(context: Context) -> str:
    visit = context.message.first("PV1")
    return name_of(visit, 8) if visit else ""


def _end(context: Context, order: Order) -> str:
    """Cancel, and discontinue (DC): off the worklists. Said again, it changes nothing."""
    steps = _steps(context, order)
    reason = first_of(order.orc.value(16, 2), order.orc.value(16), "Cancelled by the system that ordered it.")
    with as_faults(order.orc.place(2)):
        for step in steps:
            worklist.cancel(step, context.by, reason, source=context.source)
    return ", ".join(f"step {step.step_id} cancelled" for step in steps)


def _steps(context: Context, order: Order) -> list[ScheduledStep]:
    """All steps of the order. Raises Faulty where there are none."""
    own = Q(external_id=order.number) | Q(external_id__startswith=f"{order.number}{_NEXT}")
    found = list(ScheduledStep.objects.filter(own, practice=context.practice_id).order_by("pk")[:MOST])
    if not found:
        raise Faulty(Condition.UNKNOWN_KEY, say("No order of this number is known."), order.orc.place(2))
    return found


def _follow(context: Context, order: Order) -> str:
    """News of the order's status (ORC-5, table 0038): what has begun or is done elsewhere is so here."""
    steps, status = _steps(context, order), order.orc.value(5).upper()
    if status in ("CA", "DC", "RP"):
        return _end(context, order)
    if status not in _MOVES:
        return f"order status {status or 'none'}: nothing to do"
    state, move = _MOVES[status]
    with as_faults(order.orc.place(5)):
        for step in steps:
            if step.state != state:
                move(step, context.by, source=context.source)
    return ", ".join(f"step {step.step_id} {state.value}" for step in steps)


_MOVES: Final[Mapping[str, tuple[StepState, Callable[..., ScheduledStep]]]] = {
    "IP": (StepState.IN_PROGRESS, scheduling.start),
    "CM": (StepState.COMPLETED, scheduling.complete),
}
