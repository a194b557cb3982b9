"""Secrets that are shown once: the link of an invitation, and the code that goes another way."""

import hashlib
import secrets
from typing import Final

from django.utils.crypto import constant_time_compare, salted_hmac

CODE_DIGITS: Final = 8


def new_link() -> tuple[str, str]:
    """A link's secret, and its digest, by which it is found again."""
    secret = secrets.token_urlsafe(32)
    return secret, digest_of(secret)


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def new_code(invitation: int) -> tuple[str, str]:
    """A code for a person to read to another, and its digest: keyed, since so few digits are soon tried."""
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
    return code, _code_digest(invitation, code)


def is_code(invitation: int, code: str, digest: str) -> bool:
    """Whether this is the code, as people may have typed it: with spaces or dashes."""
    digits = "".join(character for character in code if character.isdigit())
    return bool(digest) and constant_time_compare(_code_digest(invitation, digits), digest)


def spoken(code: str) -> str:
    """The code in two groups."""
    return f"{code[: CODE_DIGITS // 2]} {code[CODE_DIGITS // 2 :]}"


def _code_digest(invitation: int, code: str) -> str:
    return salted_hmac("apps.access.code", f"{invitation}:{code}", algorithm="sha256").hexdigest()
