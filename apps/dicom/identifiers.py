"""The data sets of messages (PS3.7 9.1), identifiers and others, from and to the DICOM JSON model (PS3.18 F.2).

They are small and read whole, their texts decoded; written they are in ASCII if that can carry them, else in
character sets of the peer's, else in UTF-8, so that no name is ever lost.
"""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from struct import Struct, error, pack
from typing import Final

from apps.dicom.charset import Charset
from apps.dicom.charset_writing import UTF_8, Encode, encoder
from apps.dicom.elements import MAX_SHORT, padding
from apps.dicom.encoding import TEXTS, text
from apps.dicom.encoding import encode as encode_value
from apps.dicom.errors import LimitExceeded, Unreadable
from apps.dicom.header import find_element
from apps.dicom.inflation import inflate
from apps.dicom.limits import MIB, Limits
from apps.dicom.scope import CHARSET
from apps.dicom.source import Source
from apps.dicom.syntax import DEFLATED, Encoding, declared_encoding, found_encoding
from apps.dicom.values import LONG_VRS, Element, swapped, word_size
from apps.dicom.walker import Walker
from apps.dicom.warning import Warnings
from apps.saying import say

# What the data set of one message may have. A storage commitment of five thousand instances fits.
LIMITS: Final = Limits(
    header_bytes=MIB, depth=8, elements=40_000, values=40_000, escapes=10_000, inflated_bytes=MIB, frames=1,
    inline_bytes=MIB, value_bytes=MIB,
)  # fmt: skip
_TEXTS: Final = frozenset(TEXTS)
_MAX_REMEMBERED_LENGTH: Final = 64
_ITEM: Final = b"\xfe\xff\x00\xe0"
_BIG_ENDIAN_ITEM: Final = b"\xff\xfe\xe0\x00"
_LENGTHS: Final = {(size, big): Struct((">" if big else "<") + code) for size, code in ((2, "H"), (4, "I"))
                   for big in (False, True)}  # fmt: skip


def decode(data: bytes, transfer_syntax_uid: str, limits: Limits = LIMITS) -> dict[str, Element]:
    """Return a message's data set in the DICOM JSON model.

    Empty elements and sequences stay, as they are universal keys (PS3.4 C.2.2.2.3). Texts are decoded; Specific
    Character Set stays as the peer wrote it, for the answer's sake. Values that are bulk data come without them.
    Raises Unreadable where the bytes make no sense, end too early or exceed the limits.
    """
    body: Source = inflate(data, 0, limits) if transfer_syntax_uid in DEFLATED else data
    if len(body) > limits.header_bytes:
        raise LimitExceeded(say("The data set has more than {header_bytes} bytes.", header_bytes=limits.header_bytes))
    walker = Walker(body, limits, Warnings())
    attributes = walker.walk(0, len(body), found_encoding(body, 0, declared_encoding(transfer_syntax_uid)))
    for path in walker.bulk:
        (find_element(attributes, path) or {}).pop("BulkDataURI", None)
    if walker.charset:
        attributes[CHARSET] = {"vr": "CS", "Value": [name or None for name in walker.charset]}
    return attributes


def character_sets(attributes: Mapping[str, Element]) -> Charset:
    """Return the Specific Character Set of a data set that `decode` gave, for `encode`; () for none."""
    return tuple(str(name or "") for name in attributes.get(CHARSET, {}).get("Value") or ())


def encode(
    attributes: Mapping[str, Element],
    transfer_syntax_uid: str,
    character_sets: Sequence[str] = (),
    *,
    is_said: bool = False,
) -> bytes:
    """Return the data set of a message from its attributes in the DICOM JSON model, in order of tag.

    Specific Character Set is put in as it is needed, whatever `attributes` have: none for ASCII, else
    `character_sets` (the peer's), if they can carry all texts, else ISO_IR 192. With `is_said` they are said for ASCII
    too, as the character sets that answers may be in.
    Raises Unreadable for what is not in the model, naming the tag and not the value.
    """
    encoding = declared_encoding(transfer_syntax_uid)
    known = {tag: element for tag, element in attributes.items() if tag != CHARSET}
    tried: list[Charset] = [tuple(character_sets)] if is_said else [(), tuple(character_sets)]
    for names in tried:
        try:
            return _finished(_Writer(encoding, names).data_set(known), transfer_syntax_uid)
        except UnicodeEncodeError:
            continue
    return _finished(_Writer(encoding, (UTF_8,)).data_set(known), transfer_syntax_uid)


def _finished(data: bytes, transfer_syntax_uid: str) -> bytes:
    """Return the data set deflated, if its transfer syntax says so (PS3.5 A.5)."""
    if transfer_syntax_uid not in DEFLATED:
        return data
    deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    deflated = deflater.compress(data) + deflater.flush()
    return deflated + bytes(len(deflated) % 2)


@lru_cache(maxsize=4096)
def _head(tag: str, vr: str, encoding: Encoding) -> tuple[bytes, Struct]:
    """Return an element's head up to its length, and how the length is written (PS3.5 7.1.2, 7.1.3)."""
    order = ">" if encoding.big_endian else "<"
    start = pack(f"{order}HH", int(tag[:4], 16), int(tag[4:], 16))
    if not encoding.explicit:
        return start, _LENGTHS[4, encoding.big_endian]
    raw = vr.encode("ascii")
    if raw in LONG_VRS:
        return start + raw + bytes(2), _LENGTHS[4, encoding.big_endian]
    return start + raw, _LENGTHS[2, encoding.big_endian]


class _Writer:
    """Writes a data set in one encoding and some character sets; what they can't carry raises UnicodeEncodeError."""

    def __init__(self, encoding: Encoding, names: Charset) -> None:
        self._encoding = encoding
        self._names = names
        self._text: Encode = encoder(names)
        self._name: Encode = encoder(names, person_names=True)
        self._item = _BIG_ENDIAN_ITEM if encoding.big_endian else _ITEM
        self._length = _LENGTHS[4, encoding.big_endian]

    def data_set(self, attributes: Mapping[str, Element]) -> bytes:
        if self._names:
            attributes = {**attributes, CHARSET: {"vr": "CS", "Value": list(self._names)}}
        return b"".join(self._elements(attributes))

    def _elements(self, attributes: Mapping[str, Element]) -> Iterator[bytes]:
        for tag in sorted(attributes):
            element = attributes[tag]
            try:
                values = element.get("Value") or []
                only = values[0] if len(values) == 1 else None
                if isinstance(only, str) and len(only) <= _MAX_REMEMBERED_LENGTH:
                    yield _remembered(tag, element["vr"], only, self._encoding, () if only.isascii() else self._names)
                else:
                    yield self.element(tag, element)
            except (UnicodeEncodeError, Unreadable):
                raise
            except (AttributeError, KeyError, TypeError, ValueError, error) as wrong:
                raise Unreadable(
                    say("Attribute {tag} is not in the DICOM JSON model (PS3.18 F.2.2).", tag=tag)
                ) from wrong

    def element(self, tag: str, element: Element) -> bytes:
        """Return one element; a value too long for its VR becomes UN (PS3.5 6.2.2)."""
        vr = element["vr"]
        raw = self._value(tag, vr, element)
        if len(raw) > MAX_SHORT and vr.encode("ascii") not in LONG_VRS:
            vr = "UN"
        start, length = _head(tag, vr, self._encoding)
        return start + length.pack(len(raw)) + raw

    def _value(self, tag: str, vr: str, element: Element) -> bytes:
        if vr == "SQ":
            return b"".join(map(self._in_item, element.get("Value") or ()))
        if vr in _TEXTS or vr == "PN":
            values = element.get("Value")
            raw = (self._name if vr == "PN" else self._text)(text(vr, values)) if values else b""
            return raw + padding(vr.encode(), len(raw))
        raw = encode_value(element, tag)
        if not self._encoding.big_endian:
            return raw
        return swapped(raw, 2 if vr == "AT" else word_size(vr.encode()))

    def _in_item(self, attributes: Mapping[str, Element] | None) -> bytes:
        """Return an item of a sequence, of defined length (PS3.5 7.5.1)."""
        inside = b"".join(self._elements(attributes or {}))
        return self._item + self._length.pack(len(inside)) + inside


@lru_cache(maxsize=1 << 14)
def _remembered(tag: str, vr: str, value: str, encoding: Encoding, names: Charset) -> bytes:
    """Return an element of one short text: many are the same in answer after answer."""
    return _Writer(encoding, names).element(tag, {"vr": vr, "Value": [value]})
