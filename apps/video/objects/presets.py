"""What each specialty's videos are: SOP class, modality and the region that is seen unless something else is said."""

from dataclasses import dataclass
from typing import Final

from apps.saying import say
from apps.video.errors import Code as Reason
from apps.video.errors import Refused
from apps.video.objects.metadata import Code, Laterality, Metadata

VIDEO_ENDOSCOPIC: Final = "1.2.840.10008.5.1.4.1.1.77.1.1.1"
VIDEO_MICROSCOPIC: Final = "1.2.840.10008.5.1.4.1.1.77.1.2.1"
VIDEO_PHOTOGRAPHIC: Final = "1.2.840.10008.5.1.4.1.1.77.1.4.1"
ULTRASOUND_MULTI_FRAME: Final = "1.2.840.10008.5.1.4.1.1.3.1"
OPHTHALMIC_8_BIT: Final = "1.2.840.10008.5.1.4.1.1.77.1.5.1"

# Which Modality (0008,0060) a SOP class may have, the usual one first (PS3.3 A.32.5.3, A.32.6.3, A.32.7.3, A.7, A.41).
MODALITIES: Final = {
    VIDEO_ENDOSCOPIC: ("ES",),
    VIDEO_MICROSCOPIC: ("GM",),
    VIDEO_PHOTOGRAPHIC: ("XC",),
    ULTRASOUND_MULTI_FRAME: ("US", "IVUS"),
    OPHTHALMIC_8_BIT: ("OP",),
}
_CLASS_OF: Final = {modality: each for each, modalities in MODALITIES.items() for modality in modalities}
DEFAULT: Final = "endoscopy"
# Body Part Examined (PS3.16 Annex L) of which there is one, as far as they are filmed.
UNPAIRED: Final = frozenset({
    "ABDOMEN", "ANUS", "BLADDER", "BRAIN", "CERVIX", "CHEST", "COLON", "DUODENUM", "ESOPHAGUS", "GALLBLADDER", "HEAD",
    "HEART", "ILEUM", "JEJUNUM", "LARYNX", "LIVER", "MEDIASTINUM", "MOUTH", "NECK", "NOSE", "PANCREAS", "PELVIS",
    "PENIS", "PHARYNX", "PROSTATE", "RECTUM", "SKULL", "SPINE", "SPLEEN", "STOMACH", "THYMUS", "TONGUE", "TRACHEA",
    "URETHRA", "UTERUS", "VAGINA", "WHOLEBODY",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Preset:
    sop_class_uid: str
    anatomy: Code
    modality: str
    laterality: Laterality  # U for regions of which there is one


def _preset(sop_class_uid: str, value: str, meaning: str, laterality: Laterality = Laterality.UNPAIRED) -> Preset:
    return Preset(sop_class_uid, Code(value, "SCT", meaning), MODALITIES[sop_class_uid][0], laterality)


# The regions are of PS3.16 CID 4, or 4031 and 4209 where those say it better.
PRESETS: Final = {
    "endoscopy": _preset(VIDEO_ENDOSCOPIC, "122865005", "Gastrointestinal tract"),
    "surgery": _preset(VIDEO_PHOTOGRAPHIC, "38266002", "Entire body"),
    "ultrasound": _preset(ULTRASOUND_MULTI_FRAME, "818981001", "Abdomen"),
    "ophthalmology": _preset(OPHTHALMIC_8_BIT, "81745001", "Eye", Laterality.UNKNOWN),
    "dental": _preset(VIDEO_PHOTOGRAPHIC, "123851003", "Mouth"),
    "dermatology": _preset(VIDEO_PHOTOGRAPHIC, "39937001", "Skin", Laterality.UNKNOWN),
    "cardiology": _preset(ULTRASOUND_MULTI_FRAME, "80891009", "Heart"),
    "microscopy": _preset(VIDEO_MICROSCOPIC, "38266002", "Entire body"),
    "photography": _preset(VIDEO_PHOTOGRAPHIC, "38266002", "Entire body"),
}
_PRESET_OF: Final = {
    VIDEO_ENDOSCOPIC: "endoscopy",
    VIDEO_MICROSCOPIC: "microscopy",
    VIDEO_PHOTOGRAPHIC: "photography",
    ULTRASOUND_MULTI_FRAME: "ultrasound",
    OPHTHALMIC_8_BIT: "ophthalmology",
}


def preset_for(modality: str) -> str:
    """The name of the preset for a modality, as a scheduled step has it; "" where videos are of no such modality."""
    return _PRESET_OF.get(_CLASS_OF.get(modality, ""), "")


def resolved(metadata: Metadata) -> Preset:
    """What the object is: what is said of it, and of its preset what is not.

    A SOP class goes before a modality, that before a preset. Raises Refused for a preset, SOP class or modality that
    is not to be had, or that do not go together.
    """
    sop_class_uid, modality = metadata.sop_class_uid, metadata.modality
    preset = PRESETS.get(metadata.preset or DEFAULT)
    if preset is None:
        raise _refused("preset", metadata.preset, ", ".join(PRESETS))
    if sop_class_uid and sop_class_uid not in MODALITIES:
        raise _refused("sopClassUid", sop_class_uid, ", ".join(MODALITIES))
    if modality and modality not in _CLASS_OF:
        raise _refused("modality", modality, ", ".join(_CLASS_OF))
    sop_class_uid = sop_class_uid or (_CLASS_OF[modality] if modality else preset.sop_class_uid)
    modality = modality or MODALITIES[sop_class_uid][0]
    if modality not in MODALITIES[sop_class_uid]:
        raise _refused("modality", modality, ", ".join(MODALITIES[sop_class_uid]))
    if not metadata.preset:
        preset = PRESETS[_PRESET_OF[sop_class_uid]]
    return Preset(sop_class_uid, metadata.anatomy or preset.anatomy, modality, _side(metadata, preset))


def _side(metadata: Metadata, preset: Preset) -> Laterality:
    """The side that is said; else that there is none, where the region is known to be one without."""
    if metadata.laterality is not Laterality.UNKNOWN or metadata.series.body_part in UNPAIRED:
        return metadata.laterality or Laterality.UNPAIRED
    return Laterality.UNKNOWN if metadata.anatomy or metadata.series.body_part else preset.laterality


def _refused(field: str, value: str, choices: str) -> Refused:
    return Refused(
        Reason.BAD_METADATA,
        say("{field}: {value} is not to be had here. It may be {choices}.", field=field, value=value, choices=choices),
    )
