"""Finding events by what people know: a user, a study, a Patient ID, an address, a request."""

from django.db.models import Q

from apps.audit import patients
from apps.audit.models import Event


def about(term: str) -> Q:
    """The events that have to do with this, whatever it is; all for an empty term."""
    term = term.strip()
    if not term:
        return Q()
    exact = ("study_instance_uid", "actor", "on_behalf_of", "address", "request_id")
    found = about_patient(term)
    for name in exact:
        found |= Q(**{name: term})
    return found


def about_patient(term: str) -> Q:
    """The events that concern the patient of this Patient ID, or of this pseudonym.

    Those of the patient's studies count too: an event before a merge or a move has another pseudonym.
    """
    term = term.strip()
    names = patients.pseudonyms_for(term) | {term}
    return Q(patient__in=sorted(names)) | Q(study_instance_uid__in=sorted(patients.studies_for(term)))


def about_user(term: str) -> Q:
    """The events that this user, AE or part of the server caused, or had others cause."""
    return Q(actor=term.strip()) | Q(on_behalf_of=term.strip())


def actions() -> list[tuple[str, str]]:
    """The actions by their names for people, in the alphabet's order."""
    return sorted(((each.value, str(each.label)) for each in Event.Action), key=lambda choice: choice[1])
