"""Documents to be printed: in each language, long ones, and what strangers may put into them."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Final

from PIL import Image

from apps.dicom.sr_tree import NO_CODE, Code
from apps.reports.content.document import Document, Examination, Measured, Passage, Past, Person, Signed, Statement

MM: Final = Code("millimeter", "mm", "UCUM")
HU: Final = Code("Hounsfield unit", "[hnsf'U]", "UCUM")
LENGTH: Final = Code("Length", "410668003", "SCT")
LUNG: Final = Code("Right upper lobe of lung", "45653009", "SCT")
ADDRESS: Final = "https://pacs.example/reports/verify/3f6a9c2e7b10"

# By language: the title, and (heading, label, text) of each section.
TEXTS: Final[dict[str, tuple[str, tuple[tuple[str, str, str], ...]]]] = {
    "en": (
        "CT of the chest",
        (
            ("Clinical information", "Indication", "Persistent cough for six weeks, former smoker."),
            (
                "Findings",
                "Lungs",
                "A solid nodule in the right upper lobe, 12 mm.\nNo pleural effusion, no pneumothorax.\n\n"
                "The central airways are patent. There is no enlarged mediastinal or hilar lymph node.",
            ),
            ("Impression", "", "Solid pulmonary nodule that has grown by 20 % since the previous examination."),
        ),
    ),
    "fr": (
        "Scanner thoracique",
        (
            ("Renseignements cliniques", "Indication", "Toux persistante depuis six semaines, ancien fumeur."),
            (
                "Résultats",
                "Poumons",
                "Nodule solide du lobe supérieur droit, 12 mm.\nAbsence d’épanchement pleural et de pneumothorax.\n\n"
                "Voies aériennes centrales libres. Pas d’adénomégalie médiastinale ni hilaire.",
            ),
            ("Conclusion", "", "Nodule pulmonaire solide, ayant augmenté de 20 % depuis l’examen précédent."),
        ),
    ),
    "es": (
        "TC de tórax",
        (
            ("Información clínica", "Indicación", "Tos persistente desde hace seis semanas, exfumador."),
            (
                "Hallazgos",
                "Pulmones",
                "Nódulo sólido en el lóbulo superior derecho, 12 mm.\nSin derrame pleural ni neumotórax.\n\n"
                "Vías aéreas centrales permeables. No hay adenopatías mediastínicas ni hiliares.",
            ),
            ("Impresión", "", "Nódulo pulmonar sólido que ha crecido un 20 % desde el estudio anterior."),
        ),
    ),
    "zh-hans": (
        "胸部CT平扫报告",
        (
            ("临床资料", "检查目的", "咳嗽六周，既往吸烟史。"),
            (
                "影像所见",
                "肺",
                "右肺上叶见实性结节，大小约12 mm。\n未见胸腔积液，未见气胸。\n\n"
                "气管及主要支气管通畅。纵隔及肺门未见肿大淋巴结。",
            ),
            ("诊断意见", "", "右肺上叶实性结节，较前次检查增大20%，建议随访复查。"),
        ),
    ),
}
NAMES: Final = {"en": "Doe^Jane", "fr": "Lefèvre^Hélène", "es": "Núñez^María José", "zh-hans": "Wang^Xiaodong=王^小东"}


def measured(label: str = "Nodule, long axis", value: float = 12.0) -> Measured:
    """A length with two earlier values."""
    earlier = (Past("20250910", 8.5), Past("20260301", 10.0))
    return Measured(
        label, LENGTH, value, MM, site=LUNG, is_verified=True, earlier=earlier, change=20.0, tracking_uid="2.25.1"
    )


def document(language: str = "en", status: str = "final") -> Document:
    """A document of a chest CT with measurements; signed where its status is final or amended."""
    title, sections = TEXTS[language]
    made = Document(
        title=title,
        language=language,
        status=status,
        practice="Praxis Lindenhof",
        author="Weber^Anna^^Dr.",
        patient=Person(NAMES[language], "PID-4711", birth_date="19640229", sex="F"),
        examination=Examination(
            "1.2.3.4", "20261102", "101530", "CT Thorax", "A-2026-118", ("CT",), "Martin^Paul^^Dr.", "CHEST"
        ),
        passages=tuple(Passage(heading, NO_CODE, (Statement(label, text),)) for heading, label, text in sections),
        measurements=(
            measured(),
            Measured("Mean attenuation", Code("Attenuation"), -12.25, HU),
            Measured("Count", Code("Count"), 3, NO_CODE, is_verified=True),
        ),
        template="fovea.ct 1",
        report_id=7,
    )
    return signed(made) if status in ("final", "amended") else made


def signed(made: Document) -> Document:
    number, reason = (2, "The side was wrong.") if made.status == "amended" else (1, "")
    return replace(
        made,
        signed=Signed(
            "Weber^Anna^^Dr.", "MD, consultant radiologist", "2026-11-02T14:05:09.123456+01:00", made.digest(), number,
            reason, "3f6a9c2e7b10",
        ),
    )  # fmt: skip


def long_document(paragraphs: int) -> Document:
    """One section of so many paragraphs of 400 characters."""
    lines = "\n".join("The liver is of normal size and homogeneous. " * 9 for _ in range(paragraphs))
    return replace(document(), passages=(Passage("Findings", NO_CODE, (Statement("", lines),)),))


def picture(path: Path, width: int = 640, height: int = 480, mode: str = "L") -> bytes:
    """A gradient as a JPEG file, written to `path`; its bytes."""
    data = BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert(mode).save(data, "JPEG", quality=88)
    path.write_bytes(data.getvalue())
    return data.getvalue()
