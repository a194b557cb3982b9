"""What an object says besides its pictures: whose they are, of what, made when, where and with what.

Everything has a default, so that a caller names what it knows. `sidecar` reads and writes it as JSON, `checking`
holds each value to its bounds (every way in passes there), `attributes` makes the data set of it.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class Sex(StrEnum):
    """Patient's Sex (0010,0040)."""

    MALE = "M"
    FEMALE = "F"
    OTHER = "O"
    UNKNOWN = ""


class Laterality(StrEnum):
    """Which of a pair was seen: Image Laterality (0020,0062), Laterality (0020,0060)."""

    RIGHT = "R"
    LEFT = "L"
    BOTH = "B"
    UNPAIRED = "U"
    UNKNOWN = ""


class BurnedIn(StrEnum):
    """What is known of text in the pictures that says who the patient is (Burned In Annotation (0028,0301))."""

    YES = "YES"
    NO = "NO"  # a person has said so, or masks cover all places where the device writes it
    UNKNOWN = ""  # the attribute is left out


@dataclass(frozen=True, slots=True)
class Code:
    """A coded concept (PS3.3 8.8): "40491003", "SCT", "Stomach"."""

    value: str
    scheme: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Patient:
    id: str = ""
    issuer: str = ""  # of the ID
    name: str = ""  # DICOM's PN: Doe^Jane
    birth_date: date | None = None
    sex: Sex = Sex.UNKNOWN
    comments: str = ""


@dataclass(frozen=True, slots=True)
class Study:
    uid: str = ""  # empty: follows from the seed
    id: str = ""
    started: datetime | None = None  # Study Date and Time; None: as acquired
    accession_number: str = ""
    description: str = ""
    referring_physician: str = ""  # PN
    procedures: tuple[Code, ...] = ()  # Procedure Code Sequence


@dataclass(frozen=True, slots=True)
class Series:
    uid: str = ""  # empty: follows from the seed
    number: int | None = None
    description: str = ""
    protocol: str = ""
    body_part: str = ""  # Body Part Examined, a CS of PS3.16 Annex L
    performing_physician: str = ""  # PN
    operators: tuple[str, ...] = ()  # PN


@dataclass(frozen=True, slots=True)
class Equipment:
    """The device that made the pictures (General Equipment); what wrote the object is Contributing Equipment."""

    manufacturer: str = ""
    model: str = ""
    serial_number: str = ""
    software: str = ""
    station: str = ""
    institution: str = ""
    department: str = ""
    kind: Code | None = None  # Acquisition Device Type, for eyes (CID 4202)


@dataclass(frozen=True, slots=True)
class Requested:
    """What had been ordered and scheduled (Request Attributes Sequence); empty where nothing had."""

    procedure_id: str = ""
    procedure_description: str = ""
    step_id: str = ""
    step_description: str = ""
    step_codes: tuple[Code, ...] = ()  # Scheduled Protocol Code Sequence
    study_uid: str = ""  # what the step says; the object's own is in Study
    performed_step_uid: str = ""  # of an MPPS: Referenced Performed Procedure Step Sequence


class Trigger(StrEnum):
    """Synchronization Trigger (0018,106A)."""

    SOURCE = "SOURCE"
    EXTERNAL = "EXTERNAL"
    PASSTHRU = "PASSTHRU"
    NONE = "NO TRIGGER"


@dataclass(frozen=True, slots=True)
class Synchronization:
    """One clock for several cameras (C.7.4.2)."""

    frame_of_reference_uid: str  # the same in all cameras' objects
    is_time_synchronized: bool = False  # whether Acquisition DateTime is of a clock that was set by an outer one
    trigger: Trigger = Trigger.NONE
    time_source: str = ""
    ntp_address: str = ""  # an IP address
    protocol: str = ""  # Time Distribution Protocol: NTP, PTP, GPS, SNTP, IRIG


@dataclass(frozen=True, slots=True)
class Reference:
    """Another object: the segment before this one, the video a clip was cut from."""

    sop_class_uid: str
    sop_instance_uid: str
    frames: tuple[int, ...] = ()  # from 1
    purpose: Code | None = None
    is_source: bool = False  # made from it: Source Image Sequence; else Referenced Image Sequence


@dataclass(frozen=True, slots=True)
class Metadata:
    preset: str = ""  # a name of presets.PRESETS; empty: endoscopy, where nothing below says otherwise
    sop_class_uid: str = ""  # empty: the preset's
    modality: str = ""  # empty: the preset's
    patient: Patient = field(default_factory=Patient)
    study: Study = field(default_factory=Study)
    series: Series = field(default_factory=Series)
    equipment: Equipment = field(default_factory=Equipment)
    requested: Requested = field(default_factory=Requested)
    anatomy: Code | None = None  # Anatomic Region; None: the preset's
    anatomy_modifiers: tuple[Code, ...] = ()
    laterality: Laterality = Laterality.UNKNOWN
    orientation: tuple[str, str] | None = None  # Patient Orientation: where rows and columns point, as in ("L", "F")
    acquired: datetime | None = None  # of the first picture; with its zone where that is known; None: not said
    instance_number: int = 1
    sop_instance_uid: str = ""  # empty: follows from the seed
    seed: str = ""  # what UIDs follow from (`uids.seed`); "" only where all UIDs are given
    burned_in: BurnedIn = BurnedIn.UNKNOWN  # what was said of the source, before masks
    masks_cover_all: bool = False  # the mask's template covers every place where the device writes who the patient is
    is_user_data_removed: bool = False  # SEI user data or container metadata were there and are not in the object
    synchronization: Synchronization | None = None
    references: tuple[Reference, ...] = ()
    derivation: str = ""  # said before what the conversion itself did, as for a clip: plain English
    comments: str = ""  # Image Comments
