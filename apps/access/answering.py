"""Family access as the invited person sees it: open the link, set up an account, enter the code."""

from typing import Final

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.access import secret, steps
from apps.access.models import Invitation, State
from apps.accounts.models import User
from apps.audit.record import Action, Outcome, tell
from apps.core.errors import Conflict, Invalid, NotFound
from apps.saying import say

GONE: Final = say("This link is not valid any more. Ask the practice for another one.")
WRONG: Final = say("This code is not right, or no longer. Ask the practice for a new one.")
TAKEN: Final = say("Somebody has this user name. Choose another one.")


def find(link: str) -> Invitation:
    """The invitation that this link opens and that nobody has opened yet. Raises NotFound."""
    waiting = Invitation.objects.filter(digest=secret.digest_of(link), state=State.INVITED)
    found = waiting.select_related("practice").first()
    if found is None or found.is_lapsed:
        raise NotFound(GONE)
    return found


def sign_up(link: str, username: str, password: str) -> User:
    """Open the invitation with a new account, which may do nothing yet.

    Raises NotFound for a link that opens nothing, Conflict for a name that is taken, and Invalid for a password that
    the site doesn't allow.
    """
    invitation = find(link)
    first_name, _, last_name = invitation.name.rpartition(" ")
    email = invitation.contact if "@" in invitation.contact else ""
    user = User(username=username, first_name=first_name[:150], last_name=last_name[:150], email=email)
    user.practice = invitation.practice
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid(" ".join(error.messages)) from error
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            made = f"{username} made by family access {invitation.pk}"
            _open(link, user)
            tell(Action.ACCOUNT, actor=username, practice_id=invitation.practice_id, detail=made)
    except IntegrityError as error:
        raise Conflict(TAKEN) from error
    return user


def claim(link: str, user: User) -> Invitation:
    """Open the invitation with an account that exists. Raises NotFound."""
    with transaction.atomic():
        return _open(link, user)


def enter_code(user: User, pk: int, code: str) -> Invitation:
    """Show by the code that this is the person who was invited: from here on the invitation waits for review.

    Raises NotFound for another's invitation, Conflict for one that takes no code, and Invalid for a code that is wrong,
    old, or was tried too often.
    """
    with transaction.atomic():
        invitation = steps.locked(Invitation.objects.filter(user=user), pk)
        steps.be_in(invitation, (State.OPENED,))
        is_right = _try(invitation, code)
        if is_right:
            steps.take(invitation, State.VERIFIED, user.pk)
            steps.put_on_record(invitation, user.username)
        else:
            wrong = "wrong code"
            steps.put_on_record(invitation, user.username, what=wrong, outcome=Outcome.MINOR_FAILURE)
    if not is_right:
        raise Invalid(WRONG)
    return invitation


def _open(link: str, user: User) -> Invitation:
    invitation = steps.locked(Invitation.objects.all(), find(link).pk)
    if invitation.state_now != State.INVITED:
        raise NotFound(GONE)
    invitation.user = user
    steps.take(invitation, State.OPENED, user.pk, fields=["user"])
    steps.put_on_record(invitation, user.username)
    return invitation


def _try(invitation: Invitation, code: str) -> bool:
    """Whether the code is right; each try counts."""
    until = invitation.code_until
    if not invitation.tries_left or until is None or until <= timezone.now():
        return False
    is_right = secret.is_code(invitation.pk, code, invitation.code_digest)
    invitation.tries_left = 0 if is_right else invitation.tries_left - 1
    invitation.code_digest = "" if is_right else invitation.code_digest
    invitation.save(update_fields=["tries_left", "code_digest"])
    return is_right
