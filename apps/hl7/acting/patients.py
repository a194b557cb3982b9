"""ADT: people who come, change, and turn out to be one (HL7 v2.9, 3.3)."""

from typing import Final

from apps.hl7.acting import people
from apps.hl7.acting.context import Context, as_faults
from apps.hl7.v2.faults import Condition, Faulty, Place
from apps.hl7.v2.message import Segment
from apps.practice.appointments import booking
from apps.practice.leads import people as leads
from apps.practice.leads.reading import MOST_NAMES
from apps.practice.models import Appointment, AppointmentState, Lead, LeadStatus
from apps.saying import say

# Who is admitted or registered is here: no longer somebody who may come.
_COME: Final = frozenset({"A01", "A04"})
MOST_MERGES: Final = 50


def keep(context: Context) -> str:
    """A01, A04, A08, A28, A31: the person of PID is a lead of the practice, as the message says. Raises Faulty."""
    status = LeadStatus.PATIENT.value if context.head.event in _COME else ""
    lead, change = people.taken(context, status=status)
    return f"lead {lead.pk} {change}"


def merge(context: Context) -> str:
    """A40: each MRG is of the person whose PID comes before it, and is not used any more. Raises Faulty.

    The lead of the old ID gives its open appointments to the one that stays, which takes its ID among its others, so
    that images under it find their way; then it is deleted, and can be restored. Images keep their patient.
    """
    pid: Segment | None = None
    done: list[str] = []
    for segment in context.message.all("PID", "MRG"):
        if segment.name == "PID":
            pid = segment
            continue
        if pid is None:
            raise Faulty(Condition.SEGMENT_SEQUENCE, say("MRG comes after the PID of who stays."), segment.place())
        if len(done) >= MOST_MERGES:
            raise Faulty(Condition.SEGMENT_SEQUENCE, say("At most {most} in a message.", most=MOST_MERGES))
        done.append(_merge(context, pid, segment))
    if not done:
        context.message.needed("MRG")
    return ", ".join(done)


def _merge(context: Context, pid: Segment, mrg: Segment) -> str:
    old_id, new_id = people.own_id(context, mrg, 1), people.own_id(context, pid, 3)
    if old_id == new_id:
        raise Faulty(Condition.DATA_TYPE, say("Both are the same patient."), mrg.place(1))
    mine = Lead.objects.alive().filter(practice=context.practice_id)
    old = mine.filter(external_id=old_id).first()
    if old is not None and not Lead.objects.filter(practice=context.practice_id, external_id=new_id).exists():
        # Only the ID is another one.
        with as_faults(Place("PID", 3)):
            leads.change(context.by, old, {"external_id": new_id}, source=context.source)
        old = None
    lead, _ = people.taken(context, pid)
    _remember(context, lead, old_id)
    if old is None:
        return f"lead {lead.pk} has another ID"
    moved = _give_appointments(context, old, lead)
    with as_faults(mrg.place(1)):
        leads.remove(context.by, old, source=context.source)
    return f"lead {old.pk} merged into {lead.pk}, {moved} appointments moved"


def _remember(context: Context, lead: Lead, old_id: str) -> None:
    """Let images under the old ID be this person's."""
    known = list(lead.identifiers)
    if all(each.get("value") != old_id for each in known):
        with as_faults(Place("MRG", 1)):
            identifiers = [{"value": old_id, "issuer": ""}, *known][:MOST_NAMES]
            leads.change(context.by, lead, {"identifiers": identifiers}, source=context.source)


def _give_appointments(context: Context, old: Lead, new: Lead) -> int:
    """Those that are still to come; what has been stays as it was."""
    is_open = (AppointmentState.BOOKED, AppointmentState.ARRIVED)
    waiting = list(Appointment.objects.filter(lead=old, state__in=is_open).order_by("pk"))
    with as_faults(Place("MRG", 1)):
        for appointment in waiting:
            booking.change(appointment, {"lead": new}, context.by, source=context.source)
    return len(waiting)
