"""What is entered in a report: a value for each field, and where it came from. As JSON it lies in the row."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Self

Answer = str | tuple[str, ...]


class SourceKind(StrEnum):
    """Where a value came from."""

    TEMPLATE = "template"
    DICOM = "dicom"
    APPOINTMENT = "appointment"
    LEAD = "lead"
    MEASUREMENT = "measurement"
    ANALYSIS = "analysis"
    SEGMENTATION = "segmentation"
    PRIOR = "prior"
    PHRASE = "phrase"
    DICTATION = "dictation"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value came from. `said` tells it a person; `filled` is the value as it came, so that an edit shows;
    `reference` names the row or object (`measurement 17`), `link` is an address on this site that shows it."""

    kind: SourceKind
    said: str
    filled: Answer = ""
    reference: str = ""
    link: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind.value, "said": self.said, "filled": _plain(self.filled), "reference": self.reference,
            "link": self.link,
        }  # fmt: skip

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Self:
        return cls(
            SourceKind(said["kind"]), said["said"], _answer(said["filled"]), said.get("reference", ""),
            said.get("link", ""),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """The value of a field: a text, or the chosen options' values. Numbers are texts with a point.

    `source` is None for what a person has typed. What was dictated or is a machine's and nobody has verified is not
    `is_confirmed` until a person says so.
    """

    value: Answer
    source: Source | None = None
    is_confirmed: bool = True

    @property
    def is_edited(self) -> bool:
        """Whether it is another value than its source gave."""
        return self.source is not None and self.source.filled != self.value

    def as_json(self) -> dict[str, Any]:
        source = self.source.as_json() if self.source else None
        return {"value": _plain(self.value), "source": source, "isConfirmed": self.is_confirmed}

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Self:
        source = said.get("source")
        return cls(_answer(said["value"]), Source.from_json(source) if source else None, said.get("isConfirmed", True))


@dataclass(frozen=True, slots=True)
class KeyImage:
    """A picture that is shown in the report. `frame` counts from 1. `center` and `width` are the window in the units of
    the modality, None for the image's own. `caption` is shown below it; `has_annotations` draws what was measured."""

    study_uid: str
    series_uid: str
    sop_class_uid: str
    sop_instance_uid: str
    frame: int = 1
    center: float | None = None
    width: float | None = None
    caption: str = ""
    has_annotations: bool = True

    def as_json(self) -> dict[str, Any]:
        return {
            "studyInstanceUid": self.study_uid, "seriesInstanceUid": self.series_uid,
            "sopClassUid": self.sop_class_uid, "sopInstanceUid": self.sop_instance_uid, "frame": self.frame,
            "center": self.center, "width": self.width, "caption": self.caption,
            "hasAnnotations": self.has_annotations,
        }  # fmt: skip

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Self:
        return cls(
            said["studyInstanceUid"], said["seriesInstanceUid"], said["sopClassUid"], said["sopInstanceUid"],
            said.get("frame", 1), said.get("center"), said.get("width"), said.get("caption", ""),
            said.get("hasAnnotations", True),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Content:
    """All that a report says beside its template: entries by the fields' keys, measurements by the rows that they are
    (`apps.measurements.models.Measurement`; shown as a table), and pictures."""

    entries: Mapping[str, Entry] = field(default_factory=dict)
    measurements: tuple[int, ...] = ()
    key_images: tuple[KeyImage, ...] = ()

    def with_entries(self, entries: Mapping[str, Entry]) -> "Content":
        return replace(self, entries={**self.entries, **entries})

    def as_json(self) -> dict[str, Any]:
        return {
            "entries": {key: entry.as_json() for key, entry in self.entries.items()},
            "measurements": list(self.measurements),
            "keyImages": [each.as_json() for each in self.key_images],
        }

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Self:
        return cls(
            {key: Entry.from_json(each) for key, each in said.get("entries", {}).items()},
            tuple(said.get("measurements", ())),
            tuple(map(KeyImage.from_json, said.get("keyImages", ()))),
        )


def _plain(value: Answer) -> str | list[str]:
    return value if isinstance(value, str) else list(value)


def _answer(said: str | list[str]) -> Answer:
    return said if isinstance(said, str) else tuple(said)
