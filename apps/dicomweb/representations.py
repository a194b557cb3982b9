"""The transfer syntaxes that files and frames are offered in, and giving the one that a request likes best (8.7.3).

As stored comes first, for who takes anything. Where no transfer syntax is named, `application/dicom` and
`application/octet-stream` mean Explicit VR Little Endian; other media types mean what is stored in them, or else the
lossless transfer syntax of theirs.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from apps.archive.transcoding import NotConvertible
from apps.core.errors import NotAcceptable
from apps.dicom.representation import TARGETS, targets_of
from apps.dicom.syntax import EXPLICIT_VR_LITTLE_ENDIAN
from apps.dicomweb.accept import MULTIPART, Offer, acceptable, accepted
from apps.dicomweb.media_types import DICOM, OCTETS, of_pixels
from apps.saying import say

# More than the combinations there are of what is stored and how it may be asked for.
_REMEMBERED: Final = 512


@lru_cache(maxsize=_REMEMBERED)
def frame_offers(stored: str, count: int) -> tuple[Offer, ...]:
    """Frames that are stored in the transfer syntax `stored`, one of which may come alone (PS3.18 table 8.7.3-5)."""
    own, targets = of_pixels(stored), targets_of(stored)
    native = EXPLICIT_VR_LITTLE_ENDIAN
    kinds = [(own, stored, True, own != OCTETS or native not in targets)]
    if own != OCTETS:
        kinds.append((OCTETS, stored, True, not targets))
    kinds += [(of_pixels(each), each, False, each == native or of_pixels(each) != own) for each in targets]
    parts = tuple(Offer(MULTIPART, kind, syntax, *flags) for kind, syntax, *flags in kinds)
    return parts if count > 1 else parts + tuple(Offer(kind, "", syntax, *flags) for kind, syntax, *flags in kinds)


@lru_cache(maxsize=_REMEMBERED)
def file_offers(stored: str) -> tuple[Offer, ...]:
    """One file that is stored in this transfer syntax, as a part or alone."""
    targets = targets_of(stored)
    kinds = [(stored, True, stored == EXPLICIT_VR_LITTLE_ENDIAN or not targets)]
    kinds += [(each, False, each == EXPLICIT_VR_LITTLE_ENDIAN) for each in targets]
    return tuple(offer for kind in kinds for offer in (Offer(MULTIPART, DICOM, *kind), Offer(DICOM, "", *kind)))


@lru_cache(maxsize=_REMEMBERED)
def files_offers(stored: frozenset[str]) -> tuple[Offer, ...]:
    """The files of a study or series, which are stored in these transfer syntaxes."""
    as_stored = Offer(MULTIPART, DICOM, "", is_stored=True, is_default=False)
    others = [*TARGETS, *sorted(stored.difference(TARGETS))]
    return as_stored, *(Offer(MULTIPART, DICOM, each, False, each == EXPLICIT_VR_LITTLE_ENDIAN) for each in others)


def first_given(
    request: HttpRequest, offers: Sequence[Offer], give: Callable[[Offer], HttpResponseBase]
) -> HttpResponseBase:
    """What `give` makes of the best offer that it can give; it raises NotConvertible for others.

    Where no transfer syntax was named, what can't be had in the default one is given as stored (8.7.3.5.2).
    Raises NotAcceptable.
    """
    reason = ""
    for wanted, offer in acceptable(accepted(request), offers):
        try:
            return give(offer)
        except NotConvertible as error:
            stored = _as_stored(offer, offers)
            if stored is not None and not wanted.transfer_syntax:
                return give(stored)
            reason = reason or str(error)
    given = ", ".join(sorted({offer.part_type or offer.type for offer in offers}))
    raise NotAcceptable(reason or say("This can be had as {given}.", given=given))


def _as_stored(offer: Offer, offers: Sequence[Offer]) -> Offer | None:
    """The same media type as stored."""
    same = (each for each in offers if (each.type, each.part_type) == (offer.type, offer.part_type))
    return next((each for each in same if each.is_stored), None)
