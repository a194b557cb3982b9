"""What can be wrong with a message, in HL7's own codes (tables 0357 and 0008)."""

from dataclasses import dataclass
from enum import Enum
from typing import Final

# Error codes from here on are of rejections (table 0357): another attempt of the same may do, other content would not.
_REJECTION: Final = 200


class Condition(Enum):
    """Message error condition codes (table 0357)."""

    SEGMENT_SEQUENCE = 100, "Segment sequence error"
    REQUIRED_FIELD = 101, "Required field missing"
    DATA_TYPE = 102, "Data type error"
    TABLE_VALUE = 103, "Table value not found"
    TOO_LONG = 104, "Value too long"
    MESSAGE_TYPE = 200, "Unsupported message type"
    EVENT_CODE = 201, "Unsupported event code"
    PROCESSING_ID = 202, "Unsupported processing id"
    VERSION_ID = 203, "Unsupported version id"
    UNKNOWN_KEY = 204, "Unknown key identifier"
    LOCKED = 206, "Application record locked"
    INTERNAL = 207, "Application internal error"

    @property
    def code(self) -> int:
        return self.value[0]

    @property
    def text(self) -> str:
        return self.value[1]


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a message: the segment and which one of its name, from 1; 0 for no field or component."""

    segment: str
    field: int = 0
    component: int = 0
    index: int = 1

    def __str__(self) -> str:
        name = self.segment if self.index == 1 else f"{self.segment}[{self.index}]"
        return ".".join(
            [f"{name}-{self.field}" if self.field else name, *([str(self.component)] * bool(self.component))]
        )


class Faulty(Exception):
    """Why a message is not taken: `detail` is for the person who looks after the sender, and names no patient.

    A rejection (AR) is about the message as a whole, an error (AE) about its content (HL7 v2.9, 2.9.2.2).
    """

    def __init__(
        self, condition: Condition, detail: str, place: Place | None = None, *, is_rejection: bool | None = None
    ) -> None:
        super().__init__(detail)
        self.condition, self.detail, self.place = condition, detail, place
        of_code = condition.code >= _REJECTION and condition is not Condition.UNKNOWN_KEY
        self.is_rejection = of_code if is_rejection is None else is_rejection
