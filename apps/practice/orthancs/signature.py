"""How an Orthanc's call proves whose it is, and that it is new: HMAC-SHA-256 (RFC 2104) over time, number and body."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

SOURCE: Final = "X-Fovea-Source"
TIMESTAMP: Final = "X-Fovea-Timestamp"
DELIVERY: Final = "X-Fovea-Delivery"
SIGNATURE: Final = "X-Fovea-Signature"
# The same in the address, for what can't send headers of its own choice but for the signature.
PARAMETER: Final = "source"
SCHEME: Final = "sha256="
# Seconds by which the clocks may differ, either way.
WINDOW: Final = 300
_DELIVERY: Final = re.compile(r"[A-Za-z0-9._:-]{8,64}")
_TIMESTAMP: Final = re.compile(r"[0-9]{1,12}")
_SOURCE: Final = re.compile(r"[0-9a-f]{1,64}")
# What a call of nobody known is compared with: it takes as long.
NOBODY: Final = "0" * 64


@dataclass(frozen=True, slots=True)
class Proof:
    """What a call says of itself: the Orthanc's name for itself here, Unix time, delivery number, signature in hex."""

    source: str
    timestamp: int
    delivery: str
    signature: str


def proof_of(headers: Mapping[str, str], parameters: Mapping[str, str]) -> Proof | None:
    """What is said in the headers; None where something is missing, or is not as it must be."""
    source = headers.get(SOURCE) or parameters.get(PARAMETER) or ""
    timestamp, delivery = headers.get(TIMESTAMP) or "", headers.get(DELIVERY) or ""
    signature = (headers.get(SIGNATURE) or "").removeprefix(SCHEME).lower()
    is_whole = _SOURCE.fullmatch(source) and _TIMESTAMP.fullmatch(timestamp) and _DELIVERY.fullmatch(delivery)
    return Proof(source, int(timestamp), delivery, signature) if is_whole else None


def sign(secret: str, timestamp: int, delivery: str, body: bytes) -> str:
    """The signature of a call, in hex: over `<timestamp>.<delivery>.<body>`, by the secret's UTF-8."""
    return hmac.new(secret.encode(), f"{timestamp}.{delivery}.".encode() + body, hashlib.sha256).hexdigest()


def is_right(proof: Proof, secret: str, body: bytes) -> bool:
    """Whether the signature is that of this secret; as long in coming whether it is or not."""
    wanted = sign(secret or NOBODY, proof.timestamp, proof.delivery, body)
    return hmac.compare_digest(wanted.encode(), proof.signature.encode()) and bool(secret)


def is_timely(proof: Proof, now: float) -> bool:
    """Whether the call was made at this time, as far as clocks agree."""
    return abs(now - proof.timestamp) <= WINDOW
