"""Which attributes can be searched by: at what level, in which column, and how their values match."""

import re
from dataclasses import dataclass
from enum import Enum, IntEnum, auto
from functools import lru_cache
from typing import Final

from pydicom.datadict import tag_for_keyword


class Level(IntEnum):
    """The Query/Retrieve levels of PS3.4 C.6.2, the patient's attributes being at the study's."""

    STUDY = 1
    SERIES = 2
    INSTANCE = 3


# What the levels' tables are called in the search's SQL.
ALIAS: Final = {Level.STUDY: "t", Level.SERIES: "s", Level.INSTANCE: "i"}


class Kind(Enum):
    """How the values of a key match, which follows from its VR (PS3.4 C.2.2.2)."""

    UID = auto()
    NAME = auto()
    TEXT = auto()  # as written
    FOLDED = auto()  # without regard to case and accents
    CODE = auto()  # as written, and a comma separates values
    MODALITIES = auto()
    DATE = auto()
    TIME = auto()
    NUMBER = auto()


@dataclass(frozen=True, slots=True)
class Key:
    """A searchable attribute. A name may have a second column, where its other component groups stand.

    `is_indexed` says that an index on the column leads to its rows, so that no search by date has to pass all others.
    The column of an attribute in an item of a sequence (its tag is a path) is in the table of those items.
    """

    tag: str
    level: Level
    kind: Kind
    column: str
    other_column: str = ""
    is_indexed: bool = False

    @property
    def is_in_item(self) -> bool:
        return "." in self.tag


# The required keys of PS3.18 table 10.6.1-5, and what people search by besides.
_KEYS: Final = (
    Key("00080020", Level.STUDY, Kind.DATE, "study_date"),
    Key("00080030", Level.STUDY, Kind.TIME, "study_time"),
    Key("00080050", Level.STUDY, Kind.TEXT, "accession_number", is_indexed=True),
    Key("00080061", Level.STUDY, Kind.MODALITIES, "modalities"),
    Key("00080090", Level.STUDY, Kind.NAME, "referring_physician_key"),
    Key("00081030", Level.STUDY, Kind.FOLDED, "study_description_key"),
    Key("00100010", Level.STUDY, Kind.NAME, "patient_name_key", "patient_name_other_keys", is_indexed=True),
    Key("00100020", Level.STUDY, Kind.TEXT, "patient_identifier", is_indexed=True),
    Key("00100021", Level.STUDY, Kind.TEXT, "patient_id_issuer"),
    Key("00100030", Level.STUDY, Kind.DATE, "patient_birth_date", is_indexed=True),
    Key("00100040", Level.STUDY, Kind.CODE, "patient_sex"),
    Key("0020000D", Level.STUDY, Kind.UID, "study_instance_uid", is_indexed=True),
    Key("00200010", Level.STUDY, Kind.TEXT, "study_id"),
    Key("00080060", Level.SERIES, Kind.CODE, "modality"),
    Key("00081010", Level.SERIES, Kind.TEXT, "station_name"),
    Key("0008103E", Level.SERIES, Kind.FOLDED, "series_description_key"),
    Key("00180015", Level.SERIES, Kind.CODE, "body_part_examined"),
    Key("0020000E", Level.SERIES, Kind.UID, "series_instance_uid", is_indexed=True),
    Key("00200011", Level.SERIES, Kind.NUMBER, "series_number"),
    Key("00400244", Level.SERIES, Kind.DATE, "performed_start_date"),
    Key("00400245", Level.SERIES, Kind.TIME, "performed_start_time"),
    Key("00400275.00080050", Level.SERIES, Kind.TEXT, "accession_number", is_indexed=True),
    Key("00400275.00400009", Level.SERIES, Kind.TEXT, "scheduled_procedure_step_id", is_indexed=True),
    Key("00400275.00401001", Level.SERIES, Kind.TEXT, "requested_procedure_id", is_indexed=True),
    Key("00080016", Level.INSTANCE, Kind.UID, "sop_class_uid"),
    Key("00080018", Level.INSTANCE, Kind.UID, "sop_instance_uid", is_indexed=True),
    Key("00083002", Level.INSTANCE, Kind.UID, "transfer_syntax_uid"),
    Key("00200013", Level.INSTANCE, Kind.NUMBER, "instance_number"),
)
SEARCHABLE: Final = {key.tag: key for key in _KEYS}
# The time that goes with a date: two ranges of them are one range of moments (PS3.4 C.2.2.2.5).
TIME_OF_DATE: Final = {"00080020": "00080030", "00400244": "00400245"}

MAX_NAME: Final = 256
MAX_DEPTH: Final = 8
_TAG: Final = re.compile(r"[0-9A-Fa-f]{8}")


@lru_cache(maxsize=1024)
def tag_path(name: str) -> str | None:
    """The tags behind an attribute's name in a query (PS3.18 8.3.4.1), joined by dots; None where there are none.

    Each step is a keyword of PS3.6, whose case counts, or a tag of eight hexadecimal digits:
    `RequestAttributesSequence.00401001` is `00400275.00401001`.
    """
    steps = name.split(".") if len(name) <= MAX_NAME else []
    tags = [_tag(step) for step in steps]
    return ".".join(tags) if tags and all(tags) and len(tags) <= MAX_DEPTH else None


def _tag(step: str) -> str:
    if _TAG.fullmatch(step):
        return step.upper()
    # Retired elements without a keyword are all found by the empty one.
    tag = tag_for_keyword(step) if step else None
    return "" if tag is None else f"{tag:08X}"
