"""The organs that lesions are counted by: paired ones are one, and so are all lymph nodes (RECIST 1.1, 3.2)."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.dicom.sr_tree import Code


class Organ(models.TextChoices):
    ADRENAL = "adrenal", _("Adrenal gland")
    BLADDER = "bladder", _("Bladder")
    BONE = "bone", _("Bone")
    BRAIN = "brain", _("Brain")
    BREAST = "breast", _("Breast")
    COLON = "colon", _("Colon")
    ESOPHAGUS = "esophagus", _("Esophagus")
    KIDNEY = "kidney", _("Kidney")
    LIVER = "liver", _("Liver")
    LUNG = "lung", _("Lung")
    LYMPH_NODE = "lymph-node", _("Lymph node")
    MEDIASTINUM = "mediastinum", _("Mediastinum")
    MUSCLE = "muscle", _("Muscle")
    NECK = "neck", _("Neck")
    OVARY = "ovary", _("Ovary")
    PANCREAS = "pancreas", _("Pancreas")
    PELVIS = "pelvis", _("Pelvis")
    PLEURA = "pleura", _("Pleura")
    PROSTATE = "prostate", _("Prostate")
    RETROPERITONEUM = "retroperitoneum", _("Retroperitoneum")
    SKIN = "skin", _("Skin")
    SOFT_TISSUE = "soft-tissue", _("Soft tissue")
    SPLEEN = "spleen", _("Spleen")
    STOMACH = "stomach", _("Stomach")
    THYROID = "thyroid", _("Thyroid")
    UTERUS = "uterus", _("Uterus")


# SNOMED CT, as CID 4 (and 645, 7151) has them.
CODES: Final[dict[str, Code]] = {
    organ: Code(meaning, value, "SCT")
    for organ, value, meaning in (
        (Organ.ADRENAL, "23451007", "Adrenal gland"),
        (Organ.BLADDER, "89837001", "Bladder"),
        (Organ.BONE, "272673000", "Bone"),
        (Organ.BRAIN, "12738006", "Brain"),
        (Organ.BREAST, "76752008", "Breast"),
        (Organ.COLON, "71854001", "Colon"),
        (Organ.ESOPHAGUS, "32849002", "Esophagus"),
        (Organ.KIDNEY, "64033007", "Kidney"),
        (Organ.LIVER, "10200004", "Liver"),
        (Organ.LUNG, "39607008", "Lung"),
        (Organ.LYMPH_NODE, "59441001", "Lymph Node"),
        (Organ.MEDIASTINUM, "72410000", "Mediastinum"),
        (Organ.MUSCLE, "71616004", "Muscle"),
        (Organ.NECK, "45048000", "Neck"),
        (Organ.OVARY, "15497006", "Ovary"),
        (Organ.PANCREAS, "15776009", "Pancreas"),
        (Organ.PELVIS, "816092008", "Pelvis"),
        (Organ.PLEURA, "3120008", "Pleura"),
        (Organ.PROSTATE, "41216001", "Prostate"),
        (Organ.RETROPERITONEUM, "82849001", "Retroperitoneum"),
        (Organ.SKIN, "39937001", "Skin"),
        (Organ.SOFT_TISSUE, "87784001", "Soft tissue"),
        (Organ.SPLEEN, "78961009", "Spleen"),
        (Organ.STOMACH, "69695003", "Stomach"),
        (Organ.THYROID, "69748006", "Thyroid"),
        (Organ.UTERUS, "35039007", "Uterus"),
    )
}
_BY_CODE: Final = {code.value: organ for organ, code in CODES.items()}


def organ_of(site: Code) -> str:
    """The organ that a finding site names; empty for any other."""
    return _BY_CODE.get(site.value, "") if site.scheme == "SCT" else ""
