"""Secrets and signatures in the way of Standard Webhooks 1.0: HMAC-SHA-256 (RFC 2104) over id, time and body."""

import hashlib
import hmac
from base64 import b64decode, b64encode
from collections.abc import Sequence
from secrets import token_bytes
from typing import Final

PREFIX: Final = "whsec_"
SECRET_BYTES: Final = 32
VERSION: Final = "v1"


def new_secret() -> str:
    """`whsec_` and 32 random bytes in base64."""
    return PREFIX + b64encode(token_bytes(SECRET_BYTES)).decode()


def sign(secret: str, uid: str, timestamp: int, body: bytes) -> str:
    """`v1,<base64>` over `<uid>.<timestamp>.<body>`, by the bytes of the secret. `timestamp` is Unix time."""
    key = b64decode(secret.removeprefix(PREFIX))
    return f"{VERSION},{b64encode(hmac.digest(key, f'{uid}.{timestamp}.'.encode() + body, hashlib.sha256)).decode()}"


def headers(secrets: Sequence[str], uid: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The fields that prove a message: signed by each of the secrets, of which a receiver knows one."""
    return {
        "webhook-id": uid,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(sign(secret, uid, timestamp, body) for secret in secrets),
    }
