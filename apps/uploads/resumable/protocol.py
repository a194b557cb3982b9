"""The header fields of tus 1.0.0, read: pure, and strict about what they may be."""

import base64
import binascii
import hashlib
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from apps.core.errors import Invalid
from apps.saying import say

VERSION: Final = "1.0.0"
EXTENSIONS: Final = "creation,creation-with-upload,checksum,expiration,termination"
MEDIA_TYPE: Final = "application/offset+octet-stream"
METADATA_BYTES: Final = 8192
LARGEST: Final = 2**63 - 1
_KEY: Final = re.compile(r"[!-+\--~]{1,64}")
_DIGITS: Final = 19


class Hash(Protocol):
    """What hashlib's hashes can."""

    def update(self, data: Any, /) -> None: ...

    def digest(self) -> bytes: ...


class Crc32:
    """CRC-32 as a hash, most significant byte first."""

    def __init__(self) -> None:
        self._value = 0

    def update(self, data: Any, /) -> None:
        self._value = zlib.crc32(data, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(4, "big")


def _hash(name: str) -> Callable[[], Hash]:
    return lambda: hashlib.new(name, usedforsecurity=False)


HASHES: Final[Mapping[str, Callable[[], Hash]]] = {
    **{name: _hash(name) for name in ("sha1", "sha256", "sha512", "md5")},
    "crc32": Crc32,
}


@dataclass(frozen=True, slots=True)
class Checksum:
    """What the bytes of a request are to come to."""

    algorithm: str
    digest: bytes

    def begin(self) -> Hash:
        return HASHES[self.algorithm]()


def length(text: str | None, defers: str | None) -> int:
    """Upload-Length in bytes. Raises Invalid, also for a length that is to be told later."""
    if defers is not None:
        raise Invalid(say("Say the size of the file in Upload-Length: it can't be told later here."))
    return _number(text, "Upload-Length")


def offset(text: str | None) -> int:
    """Upload-Offset in bytes. Raises Invalid."""
    return _number(text, "Upload-Offset")


def checksum(text: str | None) -> Checksum | None:
    """Upload-Checksum: an algorithm and a digest in Base64. Raises Invalid for one that can't be checked."""
    if text is None:
        return None
    algorithm, _, encoded = text.strip().partition(" ")
    if algorithm not in HASHES:
        known = ", ".join(HASHES)
        raise Invalid(
            say("Upload-Checksum names an algorithm that is not known here. These are: {known}.", known=known)
        )
    digest = _decoded(encoded.strip(), "Upload-Checksum")
    if len(digest) != len(HASHES[algorithm]().digest()):
        raise Invalid(say("The digest in Upload-Checksum is not as long as one of its algorithm is."))
    return Checksum(algorithm, digest)


def metadata(text: str) -> dict[str, str]:
    """Upload-Metadata: pairs of a key and a value in Base64, by commas. Raises Invalid; values are UTF-8."""
    if len(text) > METADATA_BYTES:
        raise Invalid(say("Upload-Metadata is longer than {most} characters.", most=METADATA_BYTES))
    found: dict[str, str] = {}
    for pair in filter(None, (each.strip() for each in text.split(","))):
        key, _, encoded = pair.partition(" ")
        if not _KEY.fullmatch(key) or key in found:
            raise Invalid(say("Upload-Metadata has a key that can't be one, or that was there before."))
        try:
            found[key] = _decoded(encoded.strip(), "Upload-Metadata").decode()
        except UnicodeDecodeError as error:
            raise Invalid(say("A value of Upload-Metadata is no UTF-8.")) from error
    return found


def _decoded(text: str, field: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Invalid(say("What {field} holds is no Base64.", field=field)) from error


def _number(text: str | None, field: str) -> int:
    if text is None or not (text.isascii() and text.isdigit() and len(text) <= _DIGITS and int(text) <= LARGEST):
        raise Invalid(say("{field} is to be a number of bytes.", field=field))
    return int(text)
