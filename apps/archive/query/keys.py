"""Which attributes are indexed: at what level, in which column, and how their values match."""

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
    """An indexed attribute. A name has a second column where its other component groups stand apart."""

    tag: str
    level: Level
    kind: Kind
    column: str
    other_column: str = ""


# The required keys of PS3.18 table 10.6.1-5 (but Request Attributes Sequence), and what people search by besides.
_KEYS: Final = (
    Key("00080020", Level.STUDY, Kind.DATE, "t.study_date"),
    Key("00080030", Level.STUDY, Kind.TIME, "t.study_time"),
    Key("00080050", Level.STUDY, Kind.TEXT, "t.accession_number"),
    Key("00080061", Level.STUDY, Kind.MODALITIES, "t.modalities"),
    Key("00080090", Level.STUDY, Kind.NAME, "t.referring_physician_key"),
    Key("00081030", Level.STUDY, Kind.FOLDED, "t.study_description_key"),
    Key("00100010", Level.STUDY, Kind.NAME, "t.patient_name_key", "t.patient_name_other_keys"),
    Key("00100020", Level.STUDY, Kind.TEXT, "t.patient_identifier"),
    Key("00100021", Level.STUDY, Kind.TEXT, "t.patient_id_issuer"),
    Key("00100030", Level.STUDY, Kind.DATE, "t.patient_birth_date"),
    Key("00100040", Level.STUDY, Kind.CODE, "t.patient_sex"),
    Key("0020000D", Level.STUDY, Kind.UID, "t.study_instance_uid"),
    Key("00200010", Level.STUDY, Kind.TEXT, "t.study_id"),
    Key("00080060", Level.SERIES, Kind.CODE, "s.modality"),
    Key("00081010", Level.SERIES, Kind.TEXT, "s.station_name"),
    Key("0008103E", Level.SERIES, Kind.FOLDED, "s.series_description_key"),
    Key("00180015", Level.SERIES, Kind.CODE, "s.body_part_examined"),
    Key("0020000E", Level.SERIES, Kind.UID, "s.series_instance_uid"),
    Key("00200011", Level.SERIES, Kind.NUMBER, "s.series_number"),
    Key("00400244", Level.SERIES, Kind.DATE, "s.performed_start_date"),
    Key("00400245", Level.SERIES, Kind.TIME, "s.performed_start_time"),
    Key("00080016", Level.INSTANCE, Kind.UID, "i.sop_class_uid"),
    Key("00080018", Level.INSTANCE, Kind.UID, "i.sop_instance_uid"),
    Key("00083002", Level.INSTANCE, Kind.UID, "i.transfer_syntax_uid"),
    Key("00200013", Level.INSTANCE, Kind.NUMBER, "i.instance_number"),
)
INDEXED: Final = {key.tag: key for key in _KEYS}
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
    tag = tag_for_keyword(step)
    return "" if tag is None else f"{tag:08X}"
