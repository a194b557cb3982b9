"""The words of `Field.fill`: what each stands for, and what may be said of it in brackets (docs/report-filling.md).

A word is of a group (`patient.age` of patient) and gives a text, a number or both. Those that measure may be told which
value is meant: `measurement(SCT:410668003, unit=mm, site=SCT:39607008)`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from apps.dicom.sr_tree import Code


class Pick(StrEnum):
    """Which of several values is taken."""

    NEWEST = "newest"
    LARGEST = "largest"
    SMALLEST = "smallest"


class Show(StrEnum):
    """What is told of a measurement: the value, what it was before, or both."""

    VALUE = "value"
    PREVIOUS = "previous"
    BOTH = "both"


class Argument(StrEnum):
    """What stands for a value in the brackets."""

    CODE = "code"
    TEXT = "text"
    PICK = "pick"
    SHOW = "show"
    VESSEL = "vessel"


# By how `apps.calcium.scoring.vessels` names them; TOTAL is all of them together.
VESSELS: Final = ("TOTAL", "LM", "LAD", "LCX", "RCA", "CORONARY")
CHOICES: Final[Mapping[Argument, tuple[str, ...]]] = {
    Argument.PICK: tuple(Pick),
    Argument.SHOW: tuple(Show),
    Argument.VESSEL: VESSELS,
}
# What gives a date or a time, of whatever group.
DATES: Final = frozenset({"date", "birthDate"})
TIMES: Final = frozenset({"time"})


@dataclass(frozen=True, slots=True)
class Word:
    """A word: the names of what may be said of it, whether it gives numbers, and whether texts alone take it.

    `first` is what an argument without a name is; empty where there is none.
    """

    arguments: Mapping[str, Argument] = field(default_factory=dict)
    first: str = ""
    has_number: bool = False
    is_sentence: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """A word as a template uses it. `codes` and `texts` are what stands in its brackets, by name."""

    name: str
    codes: Mapping[str, Code] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)

    @property
    def group(self) -> str:
        return self.name.partition(".")[0]

    @property
    def detail(self) -> str:
        """What is asked of the group: `age` of `patient.age`."""
        return self.name.partition(".")[2]


def _plain(group: str, names: str, *, has_number: bool = False) -> Iterator[tuple[str, Word]]:
    yield from ((f"{group}.{name}", Word(has_number=has_number)) for name in names.split())


_OF_SERIES: Final = {"modality": Argument.TEXT}
_MEASURED: Final = {
    "concept": Argument.CODE, "unit": Argument.TEXT, "finding": Argument.CODE, "site": Argument.CODE,
    "derivation": Argument.CODE, "label": Argument.TEXT, "pick": Argument.PICK, "show": Argument.SHOW,
}  # fmt: skip
_SEGMENT: Final = {
    "type": Argument.CODE, "site": Argument.CODE, "label": Argument.TEXT, "pick": Argument.PICK, "show": Argument.SHOW,
}  # fmt: skip


def _of_series(names: str, *, has_number: bool = False) -> Iterator[tuple[str, Word]]:
    yield from ((f"series.{name}", Word(_OF_SERIES, has_number=has_number)) for name in names.split())


def _segment(names: str) -> Iterator[tuple[str, Word]]:
    yield from ((f"segment.{name}", Word(_SEGMENT, "type", has_number=True)) for name in names.split())


def _calcium(names: str) -> Iterator[tuple[str, Word]]:
    of = {"vessel": Argument.VESSEL}
    yield from ((f"calcium.{name}", Word(of, "vessel", has_number=True)) for name in names.split())


def _prior(names: str) -> Iterator[tuple[str, Word]]:
    yield from ((f"prior.{name}", Word(_OF_SERIES)) for name in names.split())


WORDS: Final[Mapping[str, Word]] = dict(
    (
        *_plain("patient", "name id issuer birthDate sex history allergies alerts pregnancy"),
        *_plain("patient", "age size weight", has_number=True),
        *_plain("study", "description date time accession id modalities referringPhysician bodyPart indication"),
        *_plain("study", "requestedProcedure requestingPhysician"),
        *_plain("study", "seriesCount instanceCount", has_number=True),
        *_of_series("modality description date time protocol bodyPart laterality view position manufacturer model"),
        *_of_series("device station kernel sequence contrastAgent contrastRoute operator performingPhysician"),
        *_of_series("radiopharmaceutical"),
        *_of_series("kvp tubeCurrent exposure exposureTime sliceThickness sliceSpacing pixelSpacing", has_number=True),
        *_of_series("contrastVolume pitch fieldStrength repetitionTime echoTime inversionTime", has_number=True),
        *_of_series("flipAngle imageCount compressionForce bodyPartThickness activity", has_number=True),
        ("series.technique", Word(_OF_SERIES, is_sentence=True)),
        *_plain("dose", "ctdiVol dlp areaProduct referencePoint organ entrance fluoroscopyTime", has_number=True),
        ("dose.summary", Word(is_sentence=True)),
        *_plain("appointment", "description date time practitioner location indication requestedProcedure priority"),
        *_plain("appointment", "referringPhysician requestingPhysician performingPhysician"),
        *_plain("lead", "name id birthDate sex language healthNumber phone email"),
        ("measurement", Word(_MEASURED, "concept", has_number=True)),
        ("measurements.list", Word(is_sentence=True)),
        *_segment("volume mean standardDeviation minimum maximum"),
        ("segments.list", Word(is_sentence=True)),
        *_calcium("agatston volume mass lesions"),
        *_plain("calcium", "category cacDrs percentile"),
        *_plain("calcium", "risk", has_number=True),
        ("calcium.summary", Word(is_sentence=True)),
        *_plain("lesions", "sum change", has_number=True),
        *_plain("lesions", "response targetResponse nonTargetResponse"),
        ("lesions.list", Word(is_sentence=True)),
        ("lesions.summary", Word(is_sentence=True)),
        *_prior("date description accession modalities"),
        ("prior.comparison", Word(_OF_SERIES, is_sentence=True)),
        ("prior.impression", Word(_OF_SERIES, is_sentence=True)),
        ("prior.list", Word(_OF_SERIES, is_sentence=True)),
        *_plain("report", "date author"),
        *_plain("practice", "name"),
    )
)
