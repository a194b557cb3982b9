"""What goes wrong with workitems: HTTP's status, and the text that PS3.18 wants in the header Warning."""

from typing import ClassVar, Final

from apps.core.errors import Conflict, FoveaError, Invalid
from apps.saying import say

# PS3.18 11.6.3.2, 11.7.3.2, 11.8.3.2, 11.10.3.2.
INCONSISTENT: Final = say("The submitted request is inconsistent with the current state of the Workitem.")
INCONSISTENT_STATE: Final = say("The submitted request is inconsistent with the state of the UPS Instance.")
NOT_CLAIMED: Final = say("The target URI did not reference a claimed Workitem.")
UID_MISSING: Final = say("The Transaction UID is missing.")
UID_INCORRECT: Final = say("The Transaction UID is incorrect.")
ALREADY_CANCELED: Final = say("The UPS is already in the requested state of CANCELED.")
ALREADY_COMPLETED: Final = say("The UPS is already in the requested state of COMPLETED.")
IS_COMPLETED: Final = say("The UPS is already COMPLETED.")
NO_PERFORMER: Final = say("The performer cannot be contacted.")
CREATED_OTHERWISE: Final = say("The Workitem was created with modifications.")
UPDATED_OTHERWISE: Final = say("The Workitem was updated with modifications.")
LOCK_NOT_GRANTED: Final = say("Deletion Lock not granted.")


class Warned(FoveaError):
    """An error that the standard has a Warning for."""

    def __init__(self, warning: str, detail: str) -> None:
        super().__init__(detail)
        self.warning = warning


class WrongRequest(Warned, Invalid):
    """400."""


class WrongState(Warned, Conflict):
    """409."""


class Gone(FoveaError):
    status: ClassVar[int] = 410
    code: ClassVar[str] = "gone"
    title: ClassVar[str] = say("This is gone")
