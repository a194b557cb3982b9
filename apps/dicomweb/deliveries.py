"""Metadata with bulk data in one body (PS3.18 8.6.1.2.2, 10.5.1.1): spooled first, then built into files one by one."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from urllib.parse import urljoin

from apps.archive.identity import NotStorable, told_identity
from apps.archive.spool import Extent, Spool
from apps.core.errors import Invalid, TooLarge
from apps.core.multipart import Part, content_type
from apps.core.version import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from apps.dicom.building import file_pieces
from apps.dicom.encapsulation import Bulk
from apps.dicom.errors import LimitExceeded, Unreadable
from apps.dicom.json_reading import data_set_spans, load_data_set
from apps.dicom.xml_reading import read_native_model
from apps.dicomweb.media_types import DICOM_JSON, DICOM_XML, JSON, OCTETS
from apps.dicomweb.sent_pixels import JPEG_HEAD, transfer_syntax_of
from apps.saying import say

# The media types that metadata comes in, and what each is in the end.
METADATA: Final = {DICOM_JSON: DICOM_JSON, JSON: DICOM_JSON, DICOM_XML: DICOM_XML, "application/xml": DICOM_XML}
MAX_METADATA: Final = 256 << 20
MAX_DOCUMENT: Final = 16 << 20
# Bulk data may be shared by instances, but what is written stays in proportion to what was sent.
_FREE_WRITES: Final = 64 << 20
_WRITES_PER_BYTE: Final = 4

Load = Callable[[], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Sent:
    """A bulk data part as it came."""

    extent: Extent
    media_type: str
    transfer_syntax_uid: str
    is_too_large: bool = False


class Delivery:
    """What one body brought; `base` is the address of the DICOMweb root, that relative ones are read against."""

    def __init__(self, spool: Spool, base: str) -> None:
        self._spool = spool
        self._base = f"{base}/studies"
        self._metadata: list[tuple[str, Extent]] = []
        self._bulk: dict[str, list[Sent]] = {}
        self._left = _FREE_WRITES

    def receive(self, parts: Iterable[Part], metadata_type: str) -> None:
        """Spool the parts of a multipart body; those without a type are metadata unless they have an address.

        Raises Invalid for bulk data without an address, and what reading the parts raises.
        """
        for part in parts:
            location = _location(part)
            default = OCTETS if location else metadata_type
            media_type, parameters = content_type(part.headers.get("content-type", default))
            if media_type in METADATA:
                self.receive_metadata(part.chunks, media_type)
            elif location:
                self._receive_bulk(part, location, media_type, parameters.get("transfer-syntax", ""))
            else:
                raise Invalid(
                    say(
                        "Part {number} is bulk data without a Content-Location, so nothing refers to it.",
                        number=part.number,
                    )
                )

    def receive_metadata(self, chunks: Iterable[bytes | memoryview], media_type: str) -> None:
        """Spool a part of metadata. Raises TooLarge."""
        extent = self._spool.add(chunks)
        if extent.size > MAX_METADATA:
            raise TooLarge(
                say(
                    "The metadata is larger than {max_metadata} MiB. Send it in several requests.",
                    max_metadata=MAX_METADATA >> 20,
                )
            )
        self._metadata.append((METADATA[media_type], extent))

    def files(self) -> Iterator[Iterator[bytes]]:
        """The Part 10 file of each data set; reading one raises NotStorable where it can't be built.

        Raises Invalid where the metadata is no JSON array, before any file is given.
        """
        documents = [(extent, self._spans(extent) if kind == DICOM_JSON else None) for kind, extent in self._metadata]
        for extent, spans in documents:
            if spans is None:
                yield self._file(partial(self._document, extent))
                continue
            with self._spool.mapped(extent) as source:
                for span in spans:
                    yield self._file(partial(load_data_set, source, span))

    def _receive_bulk(self, part: Part, location: str, media_type: str, transfer_syntax_uid: str) -> None:
        try:
            extent = self._spool.add(part.chunks)
        except TooLarge:
            sent = Sent(Extent(0, 0), media_type, transfer_syntax_uid, is_too_large=True)
        else:
            sent = Sent(extent, media_type, transfer_syntax_uid)
            self._left += _WRITES_PER_BYTE * extent.size
        self._bulk.setdefault(self._address(location), []).append(sent)

    def _spans(self, extent: Extent) -> list[tuple[int, int]]:
        try:
            with self._spool.mapped(extent) as source:
                return data_set_spans(source)
        except LimitExceeded as error:
            raise TooLarge(error.reason) from error
        except Unreadable as error:
            raise Invalid(error.reason) from error

    def _document(self, extent: Extent) -> dict[str, Any]:
        if extent.size > MAX_DOCUMENT:
            raise LimitExceeded(
                say("The XML of an instance is larger than {max_document} MiB.", max_document=MAX_DOCUMENT >> 20)
            )
        return read_native_model(self._spool.pieces(extent))

    def _file(self, load: Load) -> Iterator[bytes]:
        attributes: dict[str, Any] = {}
        try:
            attributes = load()
            yield from file_pieces(
                attributes,
                lambda address: self._find(address, attributes),
                implementation_class_uid=IMPLEMENTATION_CLASS_UID,
                implementation_version_name=IMPLEMENTATION_VERSION_NAME,
            )
        except Unreadable as error:
            raise NotStorable(error.reason, error.failure_reason, told_identity(attributes)) from error

    def _find(self, address: str, attributes: Mapping[str, Any]) -> Sequence[Bulk]:
        return [self._as_bulk(sent, attributes) for sent in self._bulk.get(self._address(address), ())]

    def _as_bulk(self, sent: Sent, attributes: Mapping[str, Any]) -> Bulk:
        if sent.is_too_large:
            raise LimitExceeded(say("The bulk data is larger than the server takes."))

        def start() -> bytes:
            return b"".join(self._spool.pieces(sent.extent, 0, JPEG_HEAD))

        syntax = transfer_syntax_of(sent.media_type, sent.transfer_syntax_uid, attributes, start)
        return Bulk(sent.extent.size, partial(self._pieces, sent.extent), syntax)

    def _pieces(self, extent: Extent, start: int, end: int) -> Iterator[bytes]:
        self._left -= min(end, extent.size) - start
        if self._left < 0:
            raise LimitExceeded(say("The metadata refers to the same bulk data too often. Send it with each instance."))
        return self._spool.pieces(extent, start, end)

    def _address(self, text: str) -> str:
        """An address to find bulk data by, relative ones made absolute (RFC 3986 5.1.3)."""
        try:
            return urljoin(self._base, text.strip())
        except ValueError:
            return text


def _location(part: Part) -> str:
    """What bulk data is referred to by: its Content-Location, or its Content-ID as an address (RFC 2392)."""
    identifier = part.headers.get("content-id", "").strip().strip("<>")
    return part.headers.get("content-location", "").strip() or (f"cid:{identifier}" if identifier else "")
