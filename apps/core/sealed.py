"""Secrets that this site must be able to say again, such as its password elsewhere: sealed by the site's own key.

Whoever has the database alone can't read them. They are lost with FOVEA_SECRET_KEY, and must be typed in again then.
"""

from base64 import urlsafe_b64encode
from functools import lru_cache
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.encoding import force_str

from apps.saying import say

_PURPOSE: Final = b"fovea sealed secrets"


class Unsealable(ValueError):
    """It was sealed by another key, or has been changed since."""


def seal(secret: str) -> str:
    """The secret as text that only this site can read; nothing for no secret."""
    return _fernet(_keys()).encrypt(secret.encode()).decode("ascii") if secret else ""


def unseal(sealed: str) -> str:
    """The secret that was sealed. Raises Unsealable."""
    if not sealed:
        return ""
    try:
        return _fernet(_keys()).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise Unsealable(say("The site's key has changed since this secret was given: give it again.")) from error


def _keys() -> tuple[str, ...]:
    return (settings.SECRET_KEY, *map(force_str, settings.SECRET_KEY_FALLBACKS))


@lru_cache(maxsize=4)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(urlsafe_b64encode(_derived(key))) for key in keys])


def _derived(key: str) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=_PURPOSE).derive(key.encode())
