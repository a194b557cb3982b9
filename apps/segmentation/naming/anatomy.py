"""What published networks call the parts of a body, and the standard's codes for them (PS3.16 CID 7150, CID 7151)."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from apps.dicom.sr_tree import NO_CODE, Code

SNOMED: Final = "SCT"
ANATOMICAL_STRUCTURE: Final = Code("Anatomical Structure", "91723000", SNOMED)
ABNORMAL_STRUCTURE: Final = Code("Morphologically Abnormal Structure", "49755003", SNOMED)
# CID 244.
LEFT: Final = Code("Left", "7771000", SNOMED)
RIGHT: Final = Code("Right", "24028007", SNOMED)
# For what has a name that isn't known here: its label tells what it is.
TISSUE: Final = Code("Tissue", "85756007", SNOMED)

# A name, its code and the code's meaning. Of `kidney_left` and `rib_left_1` the name is `kidney` and `rib`.
_STRUCTURES: Final = """
adrenal_gland 23451007 Adrenal gland
airway 89187006 Airway structure
aorta 15825003 Aorta
atrial_appendage_left 33626005 Left auricular appendage
autochthon 91727004 Muscle
bladder 89837001 Bladder
bone 3138006 Bone
brachiocephalic_trunk 12691009 Innominate artery
brachiocephalic_vein 8887007 Innominate vein
brain 12738006 Brain
brainstem 119238007 Brain Stem
breast 76752008 Breast
bronchus 955009 Bronchus
cerebellum 113305005 Cerebellum
clavicle 51299004 Clavicle
clavicula 51299004 Clavicle
colon 71854001 Colon
common_carotid_artery 32062004 Common carotid artery
coronary_arteries 41801008 Coronary artery
coronary_artery 41801008 Coronary artery
costal_cartilages 50016007 Costal Cartilage
duodenum 38848004 Duodenum
esophagus 32849002 Esophagus
face 89545001 Face
fat 55603005 Fat
femur 71341001 Femur
fibula 87342007 Fibula
gallbladder 28231008 Gallbladder
gluteus_maximus 91727004 Muscle
gluteus_medius 91727004 Muscle
gluteus_minimus 91727004 Muscle
gray_matter 389081007 Gray Matter
heart 80891009 Heart
heart_atrium_left 82471001 Left atrium
heart_atrium_right 73829009 Right atrium
heart_myocardium 80891009 Heart
heart_ventricle_left 87878005 Left ventricle
heart_ventricle_right 53085002 Right ventricle
hip 29836001 Hip
hippocampus 5366008 Hippocampus
humerus 85050009 Humerus
iliac_artery 73634005 Common iliac artery
iliac_vein 46027005 Common iliac vein
iliac_vena 46027005 Common iliac vein
iliopsoas 91727004 Muscle
inferior_vena_cava 64131007 Inferior vena cava
kidney 64033007 Kidney
larynx 4596009 Larynx
liver 10200004 Liver
lung 39607008 Lung
lung_lower_lobe 90572001 Lower lobe of lung
lung_middle_lobe_right 72481006 Middle lobe of right lung
lung_upper_lobe 45653009 Upper lobe of lung
lymph_node 59441001 Lymph Node
mandible 91609006 Mandible
maxilla 70925003 Maxilla
muscle 91727004 Muscle
pancreas 15776009 Pancreas
parotid_gland 45289007 Parotid gland
patella 64234005 Patella
portal_vein 32764006 Portal vein
portal_vein_and_splenic_vein 32764006 Portal vein
prostate 41216001 Prostate
pulmonary_artery 81040000 Pulmonary artery
pulmonary_vein 122972007 Pulmonary vein
rectum 34402009 Rectum
rib 113197003 Rib
sacrum 54735007 Sacrum
scapula 79601000 Scapula
skin 39937001 Skin
skull 89546000 Skull
small_bowel 30315005 Small intestine
small_intestine 30315005 Small intestine
spinal_cord 2748008 Spinal cord
spleen 78961009 Spleen
sternum 56873002 Sternum
stomach 69695003 Stomach
subclavian_artery 36765005 Subclavian artery
submandibular_gland 54019009 Submandibular gland
superior_vena_cava 48345005 Superior vena cava
thyroid 69748006 Thyroid
thyroid_gland 69748006 Thyroid
tongue 21974007 Tongue
tooth 38199008 Tooth
trachea 44567001 Trachea
urinary_bladder 89837001 Bladder
uterus 35039007 Uterus
vertebra 51282000 Vertebra
vertebrae 51282000 Vertebra
vertebrae_c1 14806007 C1 vertebra
vertebrae_c2 39976000 C2 vertebra
vertebrae_c3 113205007 C3 vertebra
vertebrae_c4 5329002 C4 vertebra
vertebrae_c5 36978003 C5 vertebra
vertebrae_c6 36054005 C6 vertebra
vertebrae_c7 87391001 C7 vertebra
vertebrae_l1 66794005 L1 vertebra
vertebrae_l2 14293000 L2 vertebra
vertebrae_l3 36470004 L3 vertebra
vertebrae_l4 11994002 L4 vertebra
vertebrae_l5 49668003 L5 vertebra
vertebrae_s1 54735007 Sacrum
vertebrae_t1 64864005 T1 vertebra
vertebrae_t10 7610001 T10 vertebra
vertebrae_t11 12989004 T11 vertebra
vertebrae_t12 23215003 T12 vertebra
vertebrae_t2 53733008 T2 vertebra
vertebrae_t3 1626008 T3 vertebra
vertebrae_t4 73071006 T4 vertebra
vertebrae_t5 56401006 T5 vertebra
vertebrae_t6 45296009 T6 vertebra
vertebrae_t7 62487009 T7 vertebra
vertebrae_t8 11068009 T8 vertebra
vertebrae_t9 82687006 T9 vertebra
white_matter 389080008 White Matter
"""
# Words that make a name one of something that isn't healthy, whatever it is in: `liver_tumor` is a tumour.
_FINDINGS: Final = """
abscess 44132006 Abscess
cancer 108369006 Neoplasm
cyst 367643001 Cyst
edema 79654002 Edema
hemorrhage 50960005 Hemorrhage
lesion 52988006 Lesion
mass 4147007 Mass
necrosis 6574001 Necrosis
nodule 27925004 Nodule
tumor 108369006 Neoplasm
tumour 108369006 Neoplasm
"""
_SIDE: Final = re.compile(r"(?:^|_)(left|right)(?=_|$)")
_COUNTED: Final = re.compile(r"_\d+$")


@dataclass(frozen=True, slots=True)
class Property:
    """The category (CID 7150), the type (CID 7151) and the side (CID 244) of a segment; what isn't healthy also has the
    anatomy that it is in (CID 4).

    A type that is of one side has no modifier.
    """

    category: Code
    type: Code
    modifier: Code = NO_CODE
    anatomy: Code = NO_CODE


def coded(name: str) -> Property:
    """What `name` (`kidney_left`, `Liver tumor`) is by the standard's codes."""
    words = re.sub(r"[\s\-]+", "_", name.strip().lower()).split("_")
    finding = next((_table(_FINDINGS)[word] for word in words if word in _table(_FINDINGS)), None)
    structure, side = _structure("_".join(word for word in words if word not in _table(_FINDINGS)))
    if finding:
        return Property(ABNORMAL_STRUCTURE, finding, side, structure or NO_CODE)
    return Property(ANATOMICAL_STRUCTURE, structure or TISSUE, side)


def _structure(plain: str) -> tuple[Code | None, Code]:
    """The structure of this name, None for one that isn't known, and its side where the code doesn't say it."""
    known = _table(_STRUCTURES)
    if plain in known:
        return known[plain], NO_CODE
    side = _SIDE.search(plain)
    without_side = _SIDE.sub("", plain).strip("_")
    modifier = {"left": LEFT, "right": RIGHT}[side[1]] if side else NO_CODE
    return known.get(without_side) or known.get(_COUNTED.sub("", without_side)), modifier


def every_code() -> list[Code]:
    """All that `coded` answers with."""
    known = [*_table(_STRUCTURES).values(), *_table(_FINDINGS).values()]
    return [ANATOMICAL_STRUCTURE, ABNORMAL_STRUCTURE, TISSUE, LEFT, RIGHT, *known]


@cache
def _table(lines: str) -> dict[str, Code]:
    rows = (line.split(" ", 2) for line in lines.strip().splitlines())
    return {name: Code(meaning, value, SNOMED) for name, value, meaning in rows}
