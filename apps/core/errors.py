"""What can go wrong for a caller. Services raise these; each edge maps them once to its own protocol."""

from collections.abc import Sequence
from typing import ClassVar


class FoveaError(Exception):
    """An error with a text for the person who sees it: what was wrong and what to do. Never patient data."""

    status: ClassVar[int] = 500
    title: ClassVar[str] = "The server failed"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title


class Invalid(FoveaError):
    """`errors` says what is wrong with which field, by its name outside (`birthDate`, `phones.0`)."""

    status = 400
    title = "The request is not valid"

    def __init__(self, detail: str = "", errors: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(detail)
        self.errors = tuple(errors)


class SignInRequired(FoveaError):
    status = 401
    title = "Sign in first"
    # Whether a user name and a password would do (RFC 9110 11.6.1).
    takes_password: ClassVar[bool] = True


class Refused(FoveaError):
    status = 403
    title = "This is not allowed"


class NotFound(FoveaError):
    """There is no such thing, or the caller may not know of it: the two look alike."""

    status = 404
    title = "Not found"


class NotAcceptable(FoveaError):
    status = 406
    title = "None of the accepted media types can be given"


class Conflict(FoveaError):
    status = 409
    title = "This conflicts with what is stored"


class TooLarge(FoveaError):
    status = 413
    title = "This is too large"


class Unsupported(FoveaError):
    status = 415
    title = "This kind of content is not supported"


class TooManyAttempts(FoveaError):
    status = 429
    title = "Too many attempts; wait a moment"


class Unavailable(FoveaError):
    status = 503
    title = "A part of the server is not available; try again"


class OutOfSpace(FoveaError):
    status = 507
    title = "The storage is full"
