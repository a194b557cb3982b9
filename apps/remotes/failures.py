"""What can go wrong with another archive, in the words of whoever asked for something of it."""

from apps.core.errors import FoveaError
from apps.saying import say


class RemoteFailed(FoveaError):
    """The remote can't be reached, or what it answers is no answer; another time it may work."""

    status = 502
    code = "remote-failed"
    title = say("The other archive did not answer as it should")


class RemoteRefused(FoveaError):
    """The remote says no, and will say so again until somebody changes something there or here."""

    status = 409
    code = "remote-refused"
    title = say("The other archive refuses this")


class RemoteLacks(RemoteRefused):
    """The remote has no such thing, or not any more."""
