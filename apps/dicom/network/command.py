"""Command sets: the messages of PS3.7, always in Implicit VR Little Endian (PS3.7 6.3.1)."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from apps.dicom.network.errors import ProtocolError

MAX_COMMAND: Final = 16 << 10
# What a command set says that no data set follows it (PS3.7 9.3).
NO_DATA_SET: Final = 0x0101
ANSWER: Final = 0x8000

_ELEMENT: Final = struct.Struct("<HHI")
_LENGTH: Final = struct.Struct("<HHII")
_US: Final = struct.Struct("<H")


class Field(IntEnum):
    """Command fields of requests; an answer's has the highest bit too (PS3.7 E.1)."""

    C_STORE = 0x0001
    C_GET = 0x0010
    C_FIND = 0x0020
    C_MOVE = 0x0021
    C_ECHO = 0x0030
    N_EVENT_REPORT = 0x0100
    N_GET = 0x0110
    N_SET = 0x0120
    N_ACTION = 0x0130
    N_CREATE = 0x0140
    N_DELETE = 0x0150
    C_CANCEL = 0x0FFF


class Element(IntEnum):
    """The elements of group 0000 (PS3.7 E.1)."""

    AFFECTED_SOP_CLASS = 0x0002
    REQUESTED_SOP_CLASS = 0x0003
    COMMAND_FIELD = 0x0100
    MESSAGE_ID = 0x0110
    ANSWERED_MESSAGE_ID = 0x0120
    MOVE_DESTINATION = 0x0600
    PRIORITY = 0x0700
    DATA_SET_TYPE = 0x0800
    STATUS = 0x0900
    OFFENDING_ELEMENT = 0x0901
    ERROR_COMMENT = 0x0902
    ERROR_ID = 0x0903
    AFFECTED_SOP_INSTANCE = 0x1000
    REQUESTED_SOP_INSTANCE = 0x1001
    EVENT_TYPE = 0x1002
    ATTRIBUTES = 0x1005
    ACTION_TYPE = 0x1008
    REMAINING = 0x1020
    COMPLETED = 0x1021
    FAILED = 0x1022
    WARNING = 0x1023
    MOVE_ORIGINATOR = 0x1030
    MOVE_ORIGINATOR_MESSAGE_ID = 0x1031


_UIDS: Final = frozenset(
    {
        Element.AFFECTED_SOP_CLASS,
        Element.REQUESTED_SOP_CLASS,
        Element.AFFECTED_SOP_INSTANCE,
        Element.REQUESTED_SOP_INSTANCE,
    }
)
MAX_COMMENT: Final = 64


class Status(IntEnum):
    """Status codes (PS3.7 C, and the annexes of PS3.4 that its services name)."""

    SUCCESS = 0x0000
    ATTRIBUTE_LIST_ERROR = 0x0107
    SOP_CLASS_NOT_SUPPORTED = 0x0122
    CLASS_INSTANCE_CONFLICT = 0x0119
    DUPLICATE_SOP_INSTANCE = 0x0111
    NO_SUCH_OBJECT_INSTANCE = 0x0112
    NO_SUCH_EVENT_TYPE = 0x0113
    NO_SUCH_ACTION = 0x0123
    PROCESSING_FAILURE = 0x0110
    INVALID_ARGUMENT = 0x0115
    INVALID_SOP_INSTANCE = 0x0117
    INVALID_ATTRIBUTE_VALUE = 0x0106
    MISSING_ATTRIBUTE = 0x0120
    MISSING_ATTRIBUTE_VALUE = 0x0121
    NOT_AUTHORISED = 0x0124
    DUPLICATE_INVOCATION = 0x0210
    UNRECOGNISED_OPERATION = 0x0211
    MISTYPED_ARGUMENT = 0x0212
    RESOURCE_LIMITATION = 0x0213
    OUT_OF_RESOURCES = 0xA700
    CANNOT_COUNT_MATCHES = 0xA701
    CANNOT_PERFORM_SUB_OPERATIONS = 0xA702
    MOVE_DESTINATION_UNKNOWN = 0xA801
    NOT_OF_SOP_CLASS = 0xA900
    WARNING_SUB_OPERATIONS = 0xB000
    WARNING_NOT_OF_SOP_CLASS = 0xB007
    CANNOT_UNDERSTAND = 0xC000
    CANCEL = 0xFE00
    PENDING = 0xFF00
    PENDING_WARNING = 0xFF01


Value = int | str | bytes


@dataclass(frozen=True, slots=True)
class Command:
    """A command set that was received: the elements' values as their bytes, without padding."""

    elements: Mapping[int, bytes]

    @classmethod
    def parse(cls, data: bytes | bytearray) -> "Command":
        """Raises ProtocolError for what is no command set, or has no Command Field."""
        elements: dict[int, bytes] = {}
        offset = 0
        while offset < len(data):
            if offset + _ELEMENT.size > len(data):
                raise ProtocolError("A command set ends within an element.")
            group, element, length = _ELEMENT.unpack_from(data, offset)
            offset += _ELEMENT.size
            if group or offset + length > len(data):
                raise ProtocolError("A command set holds what is no command element.")
            elements[element] = bytes(data[offset : offset + length])
            offset += length
        if len(elements.get(Element.COMMAND_FIELD, b"")) != _US.size:
            raise ProtocolError("A command set has no command field.")
        return cls(elements)

    def number(self, element: Element, default: int = 0) -> int:
        """A US value, or the default where the element is absent or not of two bytes."""
        value = self.elements.get(element, b"")
        return int(_US.unpack(value)[0]) if len(value) == _US.size else default

    def text(self, element: Element) -> str:
        """A UI, AE or LO value, empty where it is absent."""
        return self.elements.get(element, b"").decode("ascii", "replace").strip(" \0")

    @property
    def field(self) -> int:
        return self.number(Element.COMMAND_FIELD)

    @property
    def message_id(self) -> int:
        return self.number(Element.MESSAGE_ID)

    @property
    def status(self) -> int:
        return self.number(Element.STATUS, Status.PROCESSING_FAILURE)

    @property
    def has_data_set(self) -> bool:
        return self.number(Element.DATA_SET_TYPE, NO_DATA_SET) != NO_DATA_SET

    @property
    def sop_class_uid(self) -> str:
        return self.text(Element.AFFECTED_SOP_CLASS) or self.text(Element.REQUESTED_SOP_CLASS)

    @property
    def sop_instance_uid(self) -> str:
        return self.text(Element.AFFECTED_SOP_INSTANCE) or self.text(Element.REQUESTED_SOP_INSTANCE)

    def answer(self, status: int, *, has_data_set: bool = False) -> dict[int, Value]:
        """The elements of an answer to this request, for `encode`; more may be put in."""
        elements: dict[int, Value] = {
            Element.COMMAND_FIELD: self.field | ANSWER,
            Element.ANSWERED_MESSAGE_ID: self.message_id,
            Element.DATA_SET_TYPE: 0 if has_data_set else NO_DATA_SET,
            Element.STATUS: status,
        }
        if self.sop_class_uid:
            elements[Element.AFFECTED_SOP_CLASS] = self.sop_class_uid
        if self.sop_instance_uid:
            elements[Element.AFFECTED_SOP_INSTANCE] = self.sop_instance_uid
        return elements


def encode(elements: Mapping[int, Value]) -> bytes:
    """A command set with its group length; numbers are US, texts are padded to an even length."""
    body = b"".join(_encoded(element, elements[element]) for element in sorted(elements))
    return _LENGTH.pack(0, 0, 4, len(body)) + body


def _encoded(element: int, value: Value) -> bytes:
    if isinstance(value, int):
        value = _US.pack(value)
    elif isinstance(value, str):
        value = value.encode("ascii", "replace")
    if len(value) % 2:
        value += b"\0" if element in _UIDS else b" "
    return _ELEMENT.pack(0, element, len(value)) + value
