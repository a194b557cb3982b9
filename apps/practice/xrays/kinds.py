"""What an X-ray of each type is in DICOM: modality, SOP class, region and view, with the codes of PS3.16.

Regions are of CID 4009 (DX Anatomy Imaged), 4016 (intra-oral) and 4028 (craniofacial), views of CID 4010 and 4063.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from apps.practice.models.xrays import XrayType

INTRA_ORAL: Final = "1.2.840.10008.5.1.4.1.1.1.3"
DIGITAL_X_RAY: Final = "1.2.840.10008.5.1.4.1.1.1.1"
PHOTOGRAPH: Final = "1.2.840.10008.5.1.4.1.1.77.1.4"
SECONDARY_CAPTURE: Final = "1.2.840.10008.5.1.4.1.1.7"


@dataclass(frozen=True, slots=True)
class Code:
    """A code of SNOMED CT with its meaning (PS3.3 8.8)."""

    value: str
    meaning: str
    scheme: str = "SCT"


JAW: Final = Code("661005", "Jaw region")
TEETH: Final = Code("28035005", "Teeth, gums and supporting structures")
SKULL: Final = Code("89546000", "Skull")
JOINT: Final = Code("53620006", "Temporomandibular joint")
HAND: Final = Code("85562004", "Hand")
HEAD_AND_NECK: Final = Code("774007", "Head and Neck")
MOUTH: Final = Code("123851003", "Mouth")
TOOTH: Final = Code("38199008", "Tooth")
OCCLUSAL_VIEW: Final = Code("260499007", "Occlusal projection")
LATERAL_VIEW: Final = Code("399067008", "lateral")


@dataclass(frozen=True, slots=True)
class Kind:
    """A type in DICOM's words. `body_part` is a term of PS3.16 annex L, `laterality` Image Laterality (0020,0062)."""

    modality: str
    sop_class_uid: str
    region: Code | None
    body_part: str = ""
    view: Code | None = None
    laterality: str = "B"
    description: str = ""
    # What makes the type out of a device's words, folded, and in several languages.
    words: tuple[str, ...] = ()

    @property
    def picture_modality(self) -> str:
        """That of a single picture: one of a volume's slices is none of its modality."""
        return "OT" if self.modality == "CT" else self.modality

    @property
    def is_photograph(self) -> bool:
        """Whether it is taken by visible light, and so may have colours."""
        return self.sop_class_uid == PHOTOGRAPH


KINDS: Final[Mapping[XrayType, Kind]] = {
    XrayType.FULL_MOUTH: Kind(
        "IO", INTRA_ORAL, TEETH, "JAW", description="Full mouth series",
        words=("full mouth", "fullmouth", "fmx", "status rx", "zahnstatus", "bilan long cone"),
    ),
    XrayType.BITEWING: Kind(
        "IO", INTRA_ORAL, TEETH, "JAW", description="Bitewing",
        words=("bitewing", "bite wing", "bite-wing", "bissflugel", "interproximal", "retrocoronaire"),
    ),
    XrayType.PERIAPICAL: Kind(
        "IO", INTRA_ORAL, TEETH, "JAW", description="Periapical",
        words=("periapical", "peri-apical", "peri apical", "retroalveolaire", "retro-alveolaire", "zahnfilm"),
    ),
    XrayType.OCCLUSAL: Kind(
        "IO", INTRA_ORAL, JAW, "JAW", OCCLUSAL_VIEW, description="Occlusal",
        words=("occlusal", "oclusal", "aufbiss"),
    ),
    XrayType.PANORAMIC: Kind(
        "PX", DIGITAL_X_RAY, JAW, "JAW", description="Panoramic",
        words=("panoram", "pano", "opg", "opt", "orthopan", "ortopan"),
    ),
    XrayType.CEPHALOMETRIC: Kind(
        "DX", DIGITAL_X_RAY, SKULL, "SKULL", LATERAL_VIEW, "U", description="Cephalogram",
        words=("ceph", "cefal", "teleradio", "fernrontgen", "frs"),
    ),
    XrayType.TMJ: Kind(
        "DX", DIGITAL_X_RAY, JOINT, "TMJ", description="Temporomandibular joints",
        words=("tmj", "temporomandib", "kiefergelenk", "atm"),
    ),
    XrayType.HAND_WRIST: Kind(
        "DX", DIGITAL_X_RAY, HAND, "HAND", laterality="U", description="Hand and wrist",
        words=("hand", "wrist", "carpus", "carpal", "poignet", "bone age"),
    ),
    XrayType.CBCT: Kind(
        "CT", SECONDARY_CAPTURE, JAW, "JAW", description="Cone beam CT",
        words=("cbct", "cone beam", "cone-beam", "dvt", "3d dental"),
    ),
    XrayType.PHOTO_INTRAORAL: Kind(
        "XC", PHOTOGRAPH, MOUTH, description="Intraoral photograph",
        words=("intraoral", "intra-oral", "endobuccal", "occlusal", "buccal", "teeth"),
    ),
    XrayType.PHOTO_EXTRAORAL: Kind(
        "XC", PHOTOGRAPH, HEAD_AND_NECK, description="Extraoral photograph",
        words=("extraoral", "extra-oral", "face", "facial", "portrait", "profile", "smile"),
    ),
    XrayType.PHOTO: Kind("XC", PHOTOGRAPH, None, description="Photograph"),
    XrayType.OTHER: Kind("OT", SECONDARY_CAPTURE, None, description="Image"),
}  # fmt: skip
