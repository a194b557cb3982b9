"""Emergency access ("break-glass"): to one patient, at once, for a few hours, with a reason, an alert and a review."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apps.access import finding, granting, people
from apps.access.models import SHORTEST_REASON, Emergency, EmergencyAttempt, Kind
from apps.access.tasks import ALERT
from apps.accounts import authentication
from apps.accounts.models import Grant
from apps.accounts.permissions import Permission, Scope
from apps.accounts.principal import Principal
from apps.archive.models import Patient
from apps.audit.models import Event
from apps.audit.patients import pseudonym
from apps.audit.record import Action, Outcome, tell
from apps.core.errors import Conflict, Invalid, NotFound, Refused, TooManyAttempts
from apps.jobs.queue import enqueue
from apps.saying import say

# Declared by one user within an hour, whether anybody was found or not.
MOST_ATTEMPTS: Final = 10
ATTEMPTS_COUNT_FOR: Final = timedelta(hours=1)

OFF: Final = say("This site has no emergency access. Ask an administrator.")
NO_SUCH: Final = say("There is no such emergency.")
NOBODY: Final = say("No patient of this practice is found by that. Check the number and the date of birth.")
SEVERAL: Final = say("Several patients have this number. Name the study by its Study Instance UID or accession number.")


@dataclass(frozen=True, slots=True)
class Declared:
    """Who the patient is, and why it can't wait. A Patient ID needs the date of birth (YYYYMMDD)."""

    kind: Kind
    value: str
    reason: str
    birth_date: str = ""


def is_on() -> bool:
    """Whether the site has emergency access."""
    return hours() > 0


def hours() -> int:
    """For how long one lasts."""
    return int(settings.EMERGENCY_HOURS)


def declare(who: Principal, declared: Declared) -> Emergency:
    """Let the caller look at the patient's studies in the active practice, those that are still to come too.

    Raises Refused for who doesn't work there and where it is switched off, TooManyAttempts, Invalid, NotFound, and
    Conflict where the number is several patients'. Somebody who has it already gets what they have.
    """
    if not is_on():
        raise Refused(OFF)
    if who.via.startswith("token"):
        raise Refused(say("A program can't declare an emergency: sign in."))
    practice_id = people.workplace(who)
    _check(declared)
    _count(who, practice_id)
    found = finding.patients(practice_id, declared.kind, declared.value.strip(), declared.birth_date)[:2]
    if len(found) != 1:
        with transaction.atomic():
            _put_on_record(who, practice_id, "nobody found", declared.reason, outcome=Outcome.MINOR_FAILURE)
        raise Conflict(SEVERAL) if found else NotFound(NOBODY)
    emergency = _start(who, found[0], declared.reason.strip())
    authentication.forget_all()
    return emergency


def end(who: Principal, pk: int) -> Emergency:
    """End it before its time: one's own, or as an administrator. Raises NotFound, and Conflict for an ended one."""
    with transaction.atomic():
        emergency = _held(who, pk)
        if not emergency.is_current:
            raise Conflict(say("This emergency has ended already."))
        _stop(emergency, who.user_id)
        _tell_end(emergency, who, f"of {emergency.user.username}: ended by hand")
    authentication.forget_all()
    return emergency


def review(who: Principal, pk: int, *, note: str) -> Emergency:
    """Say that it was looked at, and what came of it.

    Raises NotFound, Refused for one's own, Invalid without a note, and Conflict for one that was reviewed.
    """
    with transaction.atomic():
        emergency = _held(who, pk)
        if not who.may_in_all_of(Permission.ADMINISTER, emergency.practice_id):
            raise Refused(say("Only an administrator reviews emergencies."))
        if emergency.user_id == who.user_id:
            raise Refused(say("You can't review your own emergency. Ask a colleague."))
        if emergency.reviewed_at is not None:
            raise Conflict(say("This emergency was reviewed already."))
        if len(note.strip()) < SHORTEST_REASON:
            raise Invalid(
                say("Write what you found, in {shortest_reason} characters at least.", shortest_reason=SHORTEST_REASON)
            )
        emergency.reviewed_at, emergency.reviewed_by_id = timezone.now(), who.user_id
        emergency.review_note = note.strip()
        emergency.save(update_fields=["reviewed_at", "reviewed_by", "review_note"])
        what = f"emergency {emergency.pk} of {emergency.user.username} reviewed"
        tell(Action.ACCESS_DECIDED, principal=who, practice_id=emergency.practice_id, detail=what, reason=note)
    return emergency


def stop_lapsed() -> None:
    """Put on record the end of emergencies whose time is over; their grants have ended by themselves."""
    over = Emergency.objects.filter(ended_at=None, until__lte=timezone.now()).order_by("pk")
    for pk in over.values_list("pk", flat=True)[:200]:
        with transaction.atomic():
            rows = Emergency.objects.select_for_update(of=("self",)).select_related("patient", "user")
            emergency = rows.filter(pk=pk, ended_at=None).first()
            if emergency is not None:
                _stop(emergency, None)
                _tell_end(emergency, None, f"of {emergency.user.username}: its time was over")


def _check(declared: Declared) -> None:
    if not declared.value.strip():
        raise Invalid(say("Name the patient or a study by its number."))
    if len(declared.reason.strip()) < SHORTEST_REASON:
        raise Invalid(
            say("Say what the emergency is, in {shortest_reason} characters at least.", shortest_reason=SHORTEST_REASON)
        )
    if declared.kind == Kind.PATIENT and not declared.birth_date:
        raise Invalid(say("Give the date of birth with a Patient ID."))


def _count(who: Principal, practice_id: int) -> None:
    """Count the attempt, which stays counted whatever comes of it. Raises TooManyAttempts."""
    since = timezone.now() - ATTEMPTS_COUNT_FOR
    own = EmergencyAttempt.objects.filter(user=who.user_id)
    own.filter(at__lt=since).delete()
    if own.count() >= MOST_ATTEMPTS:
        with transaction.atomic():
            _put_on_record(who, practice_id, "too many attempts", "", outcome=Outcome.SERIOUS_FAILURE)
        raise TooManyAttempts(
            say(
                "{most_attempts} emergencies in an hour are too many. Call an administrator.",
                most_attempts=MOST_ATTEMPTS,
            )
        )
    EmergencyAttempt.objects.create(user_id=who.user_id)


def _start(who: Principal, patient: Patient, reason: str) -> Emergency:
    now = timezone.now()
    with transaction.atomic():
        same = Emergency.objects.filter(user=who.user_id, patient=patient, ended_at=None, until__gt=now)
        if known := same.first():
            return known
        until = now + timedelta(hours=hours())
        emergency = Emergency(
            practice_id=patient.practice_id, user_id=who.user_id, patient=patient, reason=reason, until=until
        )
        emergency.grant = granting.give(
            who.user_id,
            patient.practice_id,
            Scope.PATIENT,
            patient.identity,
            origin=Grant.Origin.EMERGENCY,
            until=until,
            by=who.user_id,
            reason=reason,
        )
        emergency.save()
        if settings.EMAIL_IS_SENT:
            enqueue(ALERT, {"emergency": emergency.pk}, practice=patient.practice_id)
        of_whom = pseudonym(patient.practice_id, patient.identity)
        _put_on_record(who, patient.practice_id, f"emergency {emergency.pk}", reason, patient=of_whom)
    return emergency


def _held(who: Principal, pk: int) -> Emergency:
    rows = Emergency.objects.select_for_update(of=("self",)).select_related("patient", "user")
    found = rows.filter(pk=pk, pk__in=Emergency.objects.of(who).filter(pk=pk).values("pk")).first()
    if found is None:
        raise NotFound(NO_SUCH)
    return found


def _stop(emergency: Emergency, by: int | None) -> None:
    emergency.ended_at, emergency.ended_by_id = timezone.now(), by
    emergency.save(update_fields=["ended_at", "ended_by"])
    if emergency.grant_id:
        granting.end(Grant.objects.filter(pk=emergency.grant_id))


def _put_on_record(
    who: Principal,
    practice_id: int,
    detail: str,
    reason: str,
    *,
    patient: str = "",
    outcome: Event.Outcome = Outcome.SUCCESS,
) -> None:
    tell(
        Action.EMERGENCY_START,
        principal=who,
        practice_id=practice_id,
        patient=patient,
        detail=detail,
        outcome=outcome,
        reason=reason,
    )


def _tell_end(emergency: Emergency, who: Principal | None, how: str) -> None:
    patient = emergency.patient
    tell(
        Action.EMERGENCY_END,
        principal=who,
        actor="" if who else "clock",
        practice_id=emergency.practice_id,
        patient=pseudonym(emergency.practice_id, patient.identity) if patient else "",
        detail=f"emergency {emergency.pk} {how}",
    )
