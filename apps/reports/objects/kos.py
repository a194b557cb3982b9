"""Key Object Selections (PS3.3 A.35.4, PS3.16 TID 2010): read from any program's, and written of a report's images."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

from apps.dicom.attributes import Attributes, items, numbers, text
from apps.dicom.sr_tree import Code, evidence
from apps.measurements.content.tree import Node, tree_of
from apps.measurements.writing.documents import ReportSeries, begun, hierarchy, written
from apps.measurements.writing.items import CONTAINS, coded, image_item, template_of, text_item
from apps.measurements.writing.sr import Observer, observer_items
from apps.reports.content.document import Document
from apps.reports.content.entries import KeyImage
from apps.reports.objects.naming import moment_of, signed_of
from apps.reports.objects.referring import evidence_of, frame_of
from apps.reports.objects.sr import CONTRIBUTION

SOP_CLASS: Final = "1.2.840.10008.5.1.4.1.1.88.59"
# PS3.16 CID 7010: what was shown in a report.
FOR_REPORT: Final = Code("For Report Attachment", "113020", "DCM")
DESCRIPTION: Final = Code("Key Object Description", "113012", "DCM")
# Titles (CID 7010) by which objects are noted as bad, or listed for other reasons than that somebody should look.
_NOT_KEY: Final = frozenset(
    {"113001", "113010", "113037", "113038", "113039", *(str(code) for code in range(113030, 113036))}
)
MOST_IMAGES: Final = 200
_REFERENCED: Final = "00081199"


@dataclass(frozen=True, slots=True)
class Selection:
    """What a Key Object Selection says: its title, what is said of the images, and these in its order."""

    title: Code
    description: str
    images: tuple[KeyImage, ...]

    @property
    def is_of_interest(self) -> bool:
        """Whether it is for people to look at, and no rejection note or manifest."""
        return self.title.value not in _NOT_KEY


def selection_of(header: Attributes) -> Selection | None:
    """What the object with this header (DICOM JSON) selects; None for what is no Key Object Selection.

    At most 200 images; those of which it doesn't say where they belong (C.17.6.2) are left out.
    """
    if text(header, "00080016") != SOP_CLASS:
        return None
    root = tree_of(header)
    said = next((text(each.attributes, "0040A160") for each in root.named(DESCRIPTION)), "")
    found = (image for node in root.nodes if node.value_type == "IMAGE" for image in _images(node, evidence(header)))
    return Selection(root.name, said, tuple(image for image, _ in zip(found, range(MOST_IMAGES), strict=False)))


def _images(node: Node, places: dict[str, tuple[str, str]]) -> Iterator[KeyImage]:
    """An image, or each of the frames that are named of it."""
    for reference in items(node.attributes, _REFERENCED):
        uid = text(reference, "00081155")
        study, series = places.get(uid, ("", ""))
        for frame in [int(each) for each in numbers(reference, "00081160")] or [1]:
            if study and series and frame > 0:
                yield KeyImage(study, series, text(reference, "00081150"), uid, frame)


def selection(document: Document, header: Attributes, *, series: ReportSeries) -> bytes | None:
    """The file (PS3.10) that selects the report's key images of its own study; None where it has none.

    Images of other studies are left out: a selection of several studies would have to lie in each (C.17.6.2.1).
    Raises ValueError for a document that is not signed.
    """
    own = [each for each in document.key_images if each.study_uid == document.examination.study_uid]
    if not own:
        return None
    made = begun(header, series, "KO", CONTRIBUTION)
    made.SOPClassUID = SOP_CLASS
    signed = signed_of(document)
    moment = moment_of(signed, made)
    made.InstanceNumber = signed.number
    made.ContentDate, made.ContentTime = moment.date, moment.time
    made.CurrentRequestedProcedureEvidenceSequence = hierarchy(dict.fromkeys(map(evidence_of, own)))
    made.ValueType, made.ContinuityOfContent = "CONTAINER", "SEPARATE"
    made.ConceptNameCodeSequence, made.ContentTemplateSequence = coded(FOR_REPORT), template_of("2010")
    made.ContentSequence = Items(_content(document, own))
    return written(made)


def _content(document: Document, images: Sequence[KeyImage]) -> Iterator[Dataset]:
    yield from observer_items(Observer(signed_of(document).name))
    if said := _said(images):
        yield text_item(CONTAINS, DESCRIPTION, said)
    for each in images:
        named = each.sop_class_uid, each.sop_instance_uid
        yield image_item(CONTAINS, None, *named, frame=frame_of(each))


def _said(images: Iterable[KeyImage]) -> str:
    """The captions, one a line: TID 2010 has one text for all."""
    return "\n".join(each.caption for each in images if each.caption)
