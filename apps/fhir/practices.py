"""In which practice a new resource is made that refers to nothing of one yet."""

from apps.accounts.principal import Principal
from apps.core.errors import Invalid
from apps.saying import say


def practice_of(who: Principal) -> int:
    """The active one. Raises Invalid for who has none."""
    if who.practice_id is None:
        raise Invalid(say("You belong to no practice, so that nothing can be made in one."))
    return who.practice_id
