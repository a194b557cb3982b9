"""Content negotiation of DICOMweb (PS3.18 8.7): what a request accepts, and which offer to give.

Pure functions on the text of the headers. Real clients send lists, quoted and bare parameters, nested types
and weights; what can't be understood is passed over, never an error.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from django.http import HttpRequest

MAX_HEADER: Final = 4096
MAX_RANGES: Final = 64
ANYTHING: Final = "*/*"
MULTIPART: Final = "multipart/related"

_TYPE: Final = re.compile(r"[\w!#$&^.+*-]+/[\w!#$&^.+*-]+", re.ASCII)
_WEIGHT: Final = re.compile(r"[01](\.\d*)?|\.\d+", re.ASCII)
# A quoted string may lack its closing quote when a header was cut; it then runs to the end.
_PIECES: Final = {
    separator: re.compile(rf'(?:[^{separator}"]|"(?:[^"\\]|\\.)*(?:"|$))+', re.DOTALL) for separator in (",", ";")
}


@dataclass(frozen=True, slots=True)
class MediaRange:
    """One acceptable media type (PS3.18 8.7.4). Types are in lower case; `quality` is 0 (refused) to 1.

    `type` may hold wildcards (`*/*`, `image/*`). `part_type` is the `type` parameter of multipart/related,
    else empty. `transfer_syntax` is empty when none was asked for, `*` for "as stored", or a UID.
    `parameters` are all the others, with their names in lower case.
    """

    type: str
    part_type: str = ""
    transfer_syntax: str = ""
    quality: float = 1.0
    parameters: tuple[tuple[str, str], ...] = ()

    def accepts(self, offer: "Offer") -> bool:
        """Whether the offer lies in this range, its weight aside (PS3.18 8.7.3.5)."""
        return (
            _covers(self.type, offer.type)
            and _covers(self.part_type or ANYTHING, offer.part_type or ANYTHING)
            and self._accepts_syntax(offer)
        )

    def _accepts_syntax(self, offer: "Offer") -> bool:
        """`*` is as stored; none is the media type's default one, and whatever there is for a type with a wildcard."""
        if self.transfer_syntax == "*":
            return offer.is_stored
        if self.transfer_syntax:
            return self.transfer_syntax == offer.transfer_syntax
        return offer.is_default or (self.part_type if self.type == MULTIPART else self.type)[-1:] in ("", "*")

    @property
    def precision(self) -> int:
        """How narrowly the range is written: the narrowest decides on an offer (RFC 9110 12.5.1)."""
        return 3 * _narrowness(self.type) + _narrowness(self.part_type or ANYTHING) + bool(self.transfer_syntax)


@dataclass(frozen=True, slots=True)
class Offer:
    """A representation that the server can give; `part_type` is set for multipart/related only.

    `is_stored` says that its bytes are those in the store, `is_default` that it is what the media type means where no
    transfer syntax is named (PS3.18 tables 8.7.3-2 to 8.7.3-5).
    """

    type: str
    part_type: str = ""
    transfer_syntax: str = ""
    is_stored: bool = True
    is_default: bool = True


def accepted(request: HttpRequest) -> tuple[MediaRange, ...]:
    """What a request accepts, best first: its `accept=` parameters (PS3.18 8.3.3.1), else its Accept header.

    A request with neither accepts anything.
    """
    if "accept=" in request.META.get("QUERY_STRING", ""):
        # A plus sign that was not percent-encoded arrives as a space: application/dicom+json.
        asked = ",".join(request.GET.getlist("accept"))
        if asked.strip():
            return media_ranges(re.sub(r"(?<=[^\s,;]) (?=[^\s,;=]+\s*(?:[,;]|$))", "+", asked))
    return media_ranges(request.META.get("HTTP_ACCEPT", ""))


@lru_cache(maxsize=256)
def media_ranges(text: str) -> tuple[MediaRange, ...]:
    """Read an Accept header's list, best first: by weight, then named types before wildcards, then as listed.

    Reads up to 4,096 characters and 64 ranges. Text without any range gives (), no text gives `*/*`.
    """
    if not text.strip():
        return (MediaRange(ANYTHING),)
    read = (_media_range(piece) for piece in _split(text[:MAX_HEADER], ",", MAX_RANGES))
    ranges = [known for known in read if known is not None]
    return tuple(sorted(ranges, key=lambda known: (-known.quality, -_narrowness(known.type))))


def choose(ranges: Iterable[MediaRange], offers: Iterable[Offer]) -> Offer | None:
    """The first offer in the first range that holds one (`ranges` best first); None where there is none."""
    return next((offer for _, offer in acceptable(ranges, offers)), None)


def acceptable(ranges: Iterable[MediaRange], offers: Iterable[Offer]) -> Iterator[tuple[MediaRange, Offer]]:
    """All offers that the ranges hold, each with the range that does, in the order of the ranges (best first)."""
    known, allowed = tuple(ranges), tuple(offers)
    if any(not one.quality for one in known):
        allowed = tuple(offer for offer in allowed if not _is_refused(offer, known))
    return ((one, offer) for one in known if one.quality for offer in allowed if one.accepts(offer))


@lru_cache(maxsize=256)
def accepts_gzip(header: str) -> bool:
    """Whether an Accept-Encoding header allows gzip (RFC 9110 12.5.3); without the header, it does not."""
    weights: dict[str, float] = {}
    for piece in _split(header[:MAX_HEADER], ",", MAX_RANGES):
        name, *parameters = (part.strip().lower() for part in piece.split(";"))
        weights[name] = _quality(dict(_pair(parameter) for parameter in parameters).get("q", ""))
    return weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0))) > 0


def _media_range(text: str) -> MediaRange | None:
    name, *rest = _split(text, ";", MAX_RANGES)
    media_type = name.strip().strip('"').lower()
    if not _TYPE.fullmatch(media_type):
        return None
    parameters = dict(_pair(piece) for piece in rest)
    quality = _quality(parameters.pop("q", ""))
    part_type, nested = "", {}
    if media_type == MULTIPART:
        # Some clients put the part's own parameters into the quotes: type="image/jls; transfer-syntax=...".
        part_type, *inner = (piece.strip() for piece in parameters.pop("type", "").lower().split(";"))
        nested = dict(_pair(piece) for piece in inner)
    transfer_syntax = parameters.pop("transfer-syntax", "") or nested.get("transfer-syntax", "")
    return MediaRange(media_type, part_type, transfer_syntax, quality, tuple(parameters.items()))


def _split(text: str, separator: str, most: int) -> Iterator[str]:
    """The pieces between separators that stand outside of quotes; always at least one."""
    found = False
    for count, match in enumerate(_PIECES[separator].finditer(text)):
        if count == most:
            return
        found = True
        yield match[0]
    if not found:
        yield ""


def _pair(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    value = value.strip()
    if value.startswith('"'):
        value = re.sub(r"\\(.)", r"\1", value[1:].removesuffix('"')).strip()
    return name.strip().lower(), value


def _quality(text: str) -> float:
    return min(float(text), 1.0) if _WEIGHT.fullmatch(text) else 1.0


def _covers(pattern: str, media_type: str) -> bool:
    if pattern in (ANYTHING, media_type):
        return True
    return pattern.endswith("/*") and media_type.startswith(pattern[:-1])


def _narrowness(pattern: str) -> int:
    return 0 if pattern == ANYTHING else 1 if pattern.endswith("/*") else 2


def _is_refused(offer: Offer, ranges: tuple[MediaRange, ...]) -> bool:
    about = [one for one in ranges if one.accepts(offer)]
    return bool(about) and not max(about, key=lambda one: (one.precision, one.quality)).quality
