"""What can go wrong for a caller. Services raise these; each edge maps them once to its own protocol."""

from collections.abc import Sequence
from typing import ClassVar

from apps.saying import say


class FoveaError(Exception):
    """An error with a text for the person who sees it: what was wrong and what to do. Never patient data.

    `code` is for programs, and stays as it is (docs/api.md); a class without one of its own has its parent's.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "server-error"
    title: ClassVar[str] = say("The server failed")

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title


class Invalid(FoveaError):
    """`errors` says what is wrong with which field, by its name outside (`birthDate`, `phones.0`)."""

    status = 400
    code = "invalid"
    title = say("The request is not valid")

    def __init__(self, detail: str = "", errors: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(detail)
        self.errors = tuple(errors)


class SignInRequired(FoveaError):
    status = 401
    code = "sign-in-required"
    title = say("Sign in first")
    # Whether a user name and a password would do (RFC 9110 11.6.1).
    takes_password: ClassVar[bool] = True


class Refused(FoveaError):
    status = 403
    code = "not-allowed"
    title = say("This is not allowed")


class NotFound(FoveaError):
    """There is no such thing, or the caller may not know of it: the two look alike."""

    status = 404
    code = "not-found"
    title = say("Not found")


class MethodNotAllowed(FoveaError):
    status = 405
    code = "method-not-allowed"
    title = say("This method is not allowed here")


class NotAcceptable(FoveaError):
    status = 406
    code = "not-acceptable"
    title = say("None of the accepted media types can be given")


class Conflict(FoveaError):
    status = 409
    code = "conflict"
    title = say("This conflicts with what is stored")


class PreconditionFailed(FoveaError):
    """What If-Match named is not what there is (RFC 9110 13.1.1)."""

    status = 412
    code = "changed-meanwhile"
    title = say("It has changed meanwhile")


class TooLarge(FoveaError):
    status = 413
    code = "too-large"
    title = say("This is too large")


class Unsupported(FoveaError):
    status = 415
    code = "unsupported"
    title = say("This kind of content is not supported")


class KeyReused(FoveaError):
    """An idempotency key came with another request than the first time."""

    status = 422
    code = "key-reused"
    title = say("This Idempotency-Key belongs to another request")


class KeyBusy(FoveaError):
    """The request that came first with this idempotency key is still at work."""

    status = 409
    code = "key-busy"
    title = say("The first request with this Idempotency-Key is still at work")


class TooManyRequests(FoveaError):
    """`seconds` until the next one is answered."""

    status = 429
    code = "too-many-requests"
    title = say("Too many requests; wait a moment")

    def __init__(self, seconds: int) -> None:
        super().__init__(say("More requests came than FOVEA_API_RATE allows. Go on in {seconds} s.", seconds=seconds))
        self.seconds = seconds


class TooManyAttempts(FoveaError):
    status = 429
    code = "too-many-attempts"
    title = say("Too many attempts; wait a moment")


class Unavailable(FoveaError):
    status = 503
    code = "unavailable"
    title = say("A part of the server is not available; try again")


class OutOfSpace(FoveaError):
    status = 507
    code = "out-of-space"
    title = say("The storage is full")


class QuotaReached(OutOfSpace):
    """There is room, but not for this practice."""

    code = "quota-reached"
    title = say("The practice has used up its storage")
