"""What stands below the names of those who sign: said by who manages their accounts, and on record."""

from django.db import transaction

from apps.accounts import people
from apps.accounts.models import User
from apps.accounts.principal import Principal
from apps.archive.models import TEXT_LENGTH
from apps.audit.record import Action, tell
from apps.core.errors import Refused
from apps.reports.models import Signatory


def credentials_of(user: User) -> str:
    """What stands below the name of a user who signs; empty where nobody has said."""
    row = Signatory.objects.filter(user=user).first()
    said = (row.credentials, row.registration) if row else ()
    return ", ".join(filter(None, said))[:TEXT_LENGTH]


def save(who: Principal, row: Signatory, *, source: str) -> Signatory:
    """Say it; what was signed keeps what was said then. Raises Refused for a user whom they don't manage."""
    _decide(who, row.user)
    with transaction.atomic():
        row.save()
        said = ", ".join(filter(None, (row.credentials, row.registration)))
        _tell(who, f"{row.user.get_username()} signs as: {said or 'nothing'}", source)
    return row


def remove(who: Principal, row: Signatory, *, source: str) -> None:
    """Nothing stands below the name any more. Raises Refused."""
    _decide(who, row.user)
    with transaction.atomic():
        row.delete()
        _tell(who, f"{row.user.get_username()} signs as: nothing", source)


def _decide(who: Principal, user: User) -> None:
    if why_not := people.why_not_managed(who, user):
        raise Refused(why_not)


def _tell(who: Principal, what: str, source: str) -> None:
    tell(Action.ACCOUNT, principal=who, detail=what, source=source)
