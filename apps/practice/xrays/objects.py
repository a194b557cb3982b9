"""The attributes of the DICOM object that a picture becomes, module by module (PS3.3 A.8.1, A.26, A.27, A.32.4)."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from apps.core.version import VERSION
from apps.dicom.values import Element
from apps.practice.xrays import kinds, teeth
from apps.practice.xrays.elements import coded, element, name, optional, sequence
from apps.practice.xrays.kinds import Kind
from apps.saying import say

Attributes = dict[str, Element]

ENTITY: Final = "Fovea"
# PS3.3 C.7.6.1.1.5.1: the retired name of the process by which a JPEG has lost something.
JPEG_METHOD: Final = "ISO_10918_1"
_NO_SCALE: Final = say("Made from a picture without a scale: lengths in it can't be measured.")
# C.8.11.4: what a millimetre is can't be left out, and of a picture nobody knows it. One per pixel is seen to be none.
_UNKNOWN_SPACING: Final = 1.0
# Radiographs are shown as if the patient faced the reader; a cephalogram looks to the right, of a hand the fingers up.
_ORIENTATIONS: Final = {kinds.SKULL: ("A", "F"), kinds.HAND: ("L", "H")}
_FACING: Final = ("L", "F")


@dataclass(frozen=True, slots=True)
class Person:
    """Whose picture it is, as DICOM writes it: PN, LO, DA, CS; empty what is not known."""

    name: str
    patient_id: str
    birth_date: str = ""
    sex: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the object belongs: UIDs, and its numbers from 1."""

    study_uid: str
    series_uid: str
    sop_uid: str
    series_number: int = 1
    instance_number: int = 1


@dataclass(frozen=True, slots=True)
class Pixels:
    """What the pixels are: samples (1, 3), bits stored (8 to 16), and what a JPEG has lost of them."""

    samples: int
    bits: int
    photometric: str
    is_lossy: bool = False
    ratio: float = 1.0
    icc: bytes = b""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the picture shows: its type, when it was taken (aware, in the practice's zone), which teeth, and notes.

    `spacing` is the distance of pixels in mm, 0 where that is not known.
    """

    kind: Kind
    taken_at: datetime
    teeth: tuple[str, ...] = ()
    notes: str = ""
    spacing: float = 0.0
    institution: str = ""


def attributes(person: Person, place: Place, shown: Shown, pixels: Pixels) -> Attributes:
    """The data set without Pixel Data, and without what its compressed stream says itself (rows, columns, bits).

    An X-ray with colours becomes a Secondary Capture, which may have them.
    """
    sop_class = sop_class_of(shown.kind, pixels)
    specific = _OF_CLASS[sop_class](shown, pixels)
    return {
        **_common(sop_class, place),
        **_patient(person),
        **_study(place, shown),
        **_series(place, shown),
        **_image(place, shown, pixels),
        **specific,
    }


def sop_class_of(kind: Kind, pixels: Pixels) -> str:
    """The class that such a picture has: digital X-rays have no colours."""
    has_colours = pixels.samples > 1
    return kinds.SECONDARY_CAPTURE if has_colours and not kind.is_photograph else kind.sop_class_uid


def _common(sop_class: str, place: Place) -> Attributes:
    """SOP Common (C.12.1), General Equipment (C.7.5.1)."""
    return {
        "00080016": element("UI", sop_class),
        "00080018": element("UI", place.sop_uid),
        "00080070": element("LO"),
        "00181020": element("LO", f"{ENTITY} {VERSION}"),
    }


def _patient(person: Person) -> Attributes:
    """Patient (C.7.1.1)."""
    return {
        "00100010": name(person.name),
        "00100020": optional("LO", person.patient_id),
        "00100030": optional("DA", person.birth_date),
        "00100040": optional("CS", person.sex),
    }


def _study(place: Place, shown: Shown) -> Attributes:
    """General Study (C.7.2.1): one for each person and day."""
    return {
        "00080020": element("DA", f"{shown.taken_at:%Y%m%d}"),
        "00080030": element("TM"),
        "00080050": element("SH"),
        "00080090": element("PN"),
        "00080201": element("SH", f"{shown.taken_at:%z}"),
        "00081030": element("LO", "X-rays and photographs"),
        "0020000D": element("UI", place.study_uid),
        "00200010": element("SH", f"{shown.taken_at:%Y%m%d}"),
    } | ({"00080080": element("LO", shown.institution[:64])} if shown.institution else {})


def _series(place: Place, shown: Shown) -> Attributes:
    """General Series (C.7.3.1)."""
    kind = shown.kind
    return {
        "00080060": element("CS", kind.picture_modality),
        "0008103E": element("LO", kind.description),
        "0020000E": element("UI", place.series_uid),
        "00200011": element("IS", place.series_number),
    }


def _image(place: Place, shown: Shown, pixels: Pixels) -> Attributes:
    """General Image (C.7.6.1), Image Pixel's colours (C.7.6.3)."""
    day, time = element("DA", f"{shown.taken_at:%Y%m%d}"), element("TM", f"{shown.taken_at:%H%M%S}")
    found = {
        "00080008": element("CS", "DERIVED", "PRIMARY"),
        "00080022": day, "00080032": time, "00080023": day, "00080033": time,
        "00200013": element("IS", place.instance_number),
        "00280004": element("CS", pixels.photometric),
        "00280301": element("CS", "NO"),
        "00282110": element("CS", "01" if pixels.is_lossy else "00"),
    }  # fmt: skip
    if pixels.is_lossy:
        found |= {"00282112": element("DS", round(pixels.ratio, 2)), "00282114": element("CS", JPEG_METHOD)}
    if pixels.icc:
        found["00282000"] = {"vr": "OB", "InlineBinary": b64encode(pixels.icc).decode("ascii")}
    if shown.notes:
        found["00204000"] = element("LT", shown.notes)
    return found


def _anatomy(shown: Shown) -> Attributes:
    """What is shown: region, teeth and side (C.8.11.2, C.8.11.9)."""
    named = [teeth.CODES[number] for number in shown.teeth]
    found = {
        "00082218": sequence(coded(shown.kind.region)) if shown.kind.region else sequence(),
        "00200062": element("CS", teeth.laterality(shown.teeth) if shown.teeth else shown.kind.laterality),
    }
    if shown.kind.body_part:
        found["00180015"] = element("CS", shown.kind.body_part)
    if named:
        found["00082228"] = sequence(*map(coded, named))
    return found


def _digital_x_ray(shown: Shown, pixels: Pixels) -> Attributes:
    """DX Series (C.8.11.1) to DX Positioning (C.8.11.5), VOI LUT (C.11.2), Acquisition Context (C.7.6.14)."""
    spacing = shown.spacing or _UNKNOWN_SPACING
    most = 1 << pixels.bits
    region = shown.kind.region
    found = {
        **_anatomy(shown),
        "00080008": element("CS", "DERIVED", "PRIMARY", ""),
        "00080068": element("CS", "FOR PRESENTATION"),
        "00181164": element("DS", spacing, spacing),
        "00187004": element("CS"),
        "00200020": element("CS", *(_ORIENTATIONS.get(region, _FACING) if region else _FACING)),
        "00281040": element("CS", "LOG"),
        "00281041": element("SS", -1),
        "00281050": element("DS", most // 2),
        "00281051": element("DS", most),
        "00281052": element("DS", 0),
        "00281053": element("DS", 1),
        "00281054": element("LO", "US"),
        "20500020": element("CS", "IDENTITY"),
        "00400555": sequence(),
    }
    if not shown.spacing:
        found["00082111"] = element("ST", _NO_SCALE)
    if shown.kind.view:
        found["00181508"] = element("CS", "CEPHALOSTAT")
        found["00540220"] = sequence(coded(shown.kind.view, t00540222=sequence()))
    return found


def _intra_oral(shown: Shown, pixels: Pixels) -> Attributes:
    """The same, with Intra-Oral Image (C.8.11.9): which teeth, or that they are teeth."""
    found = {**_digital_x_ray(shown, pixels), "00181508": element("CS", "NONE")}
    return found if "00082228" in found else {**found, "00082228": sequence(coded(kinds.TOOTH))}


def _photograph(shown: Shown, pixels: Pixels) -> Attributes:
    """VL Image (C.8.12.1)."""
    found = {"00080008": element("CS", "ORIGINAL", "PRIMARY"), "00200020": element("CS"), "00400555": sequence()}
    return {**found, **(_anatomy(shown) if shown.kind.region else {"00200060": element("CS")})}


def _secondary_capture(shown: Shown, pixels: Pixels) -> Attributes:
    """SC Equipment (C.8.6.1): a picture of an image."""
    return {
        "00080064": element("CS", "WSD"),
        "00200020": element("CS"),
        "00200060": element("CS"),
    }


_OF_CLASS: Final[Mapping[str, Callable[[Shown, Pixels], Attributes]]] = {
    kinds.DIGITAL_X_RAY: _digital_x_ray,
    kinds.INTRA_ORAL: _intra_oral,
    kinds.PHOTOGRAPH: _photograph,
    kinds.SECONDARY_CAPTURE: _secondary_capture,
}
