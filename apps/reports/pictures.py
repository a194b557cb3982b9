"""Key images as pictures: in their window, with what was drawn and measured in them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.utils.translation import override

from apps.accounts.principal import Principal
from apps.archive import headers, renditions, retrieve
from apps.archive.models import Study
from apps.archive.retrieve import StoredInstance
from apps.core.errors import NotAcceptable, NotFound, Unavailable
from apps.core.languages import translated
from apps.reports.annotations import Annotation, annotations_in
from apps.reports.content.document import Document
from apps.reports.content.entries import KeyImage
from apps.reports.models import Report
from apps.saying import Sentence, say

if TYPE_CHECKING:
    from PIL.Image import Image

    from apps.reports.drawing import Figure

# Of the longer side, in pixels: 180 to an inch across a page.
SIDE: Final = 1200
QUALITY: Final = 88
WORKER: Final = "reports"
CARD: Final = (900, 600)
NOT_THERE: Final = say("This image is not in the archive any more.")


@dataclass(frozen=True, slots=True)
class Picture:
    """A key image as a JPEG; `width` and `height` in pixels. `alt` says what it shows where it can't be seen."""

    name: str
    jpeg: bytes
    width: int
    height: int
    caption: str
    alt: str


def pictures_of(document: Document, who: Principal | None = None) -> list[Picture]:
    """A picture for each key image of the document, in its order and language.

    `who` is for whom; without it, for the practice of the report (`Document.report_id`). In place of an image that is
    gone, or that isn't theirs to see, there is a card that says so. What was drawn after a document was signed is not
    drawn in it. Raises Unavailable where a font is missing that words need, and NotFound without report and principal.
    """
    seer = who or _worker(document.report_id) if document.key_images else None
    if seer is None:
        return []
    before = datetime.fromisoformat(document.signed.at) if document.signed else None
    with override(document.language):
        return [picture_of(each, seer, n, before) for n, each in enumerate(document.key_images, start=1)]


def picture_of(image: KeyImage, who: Principal, number: int = 1, before: datetime | None = None) -> Picture:
    """One key image, the `number`th from 1, with what was drawn `before` that; in the active language.

    Raises Unavailable where a font is missing that the words need.
    """
    from apps.reports.drawing import NoFont

    try:
        drawn, words = _drawn(image, who, before)
    except NoFont as error:
        from apps.reports.paper import no_fonts

        raise Unavailable(no_fonts(error.name)) from error
    stream = BytesIO()
    drawn.save(stream, "JPEG", quality=QUALITY)
    alt = image.caption or translated(say("Key image {number}", number=number))
    told = ": ".join([alt, "; ".join(words)]) if words else alt
    return Picture(f"key-image-{number}", stream.getvalue(), *drawn.size, image.caption, told)


def _worker(report_pk: int) -> Principal:
    practice = Report.objects.filter(pk=report_pk).values_list("study__practice", flat=True).first()
    if practice is None:
        raise NotFound(say("There is no such report."))
    return Principal.worker(practice, WORKER)


def _drawn(image: KeyImage, who: Principal, before: datetime | None) -> tuple["Image", list[str]]:
    """The picture, and the words that are written in it."""
    try:
        stored = retrieve.instance(who, image.study_uid, image.series_uid, image.sop_instance_uid)
        plain = _rendered(image, stored)
    except (NotFound, NotAcceptable) as error:
        return _card(NOT_THERE if isinstance(error, NotFound) else error.detail), []
    return _annotated(plain, image, stored, before) if image.has_annotations else (plain, [])


def _card(text: Sentence | str) -> "Image":
    from apps.reports.drawing import card

    return card([translated(text)], CARD, settings.FONTS)


def _rendered(image: KeyImage, stored: StoredInstance) -> "Image":
    """The frame in its window, with square pixels, its longer side of SIDE. Raises NotFound and NotAcceptable."""
    from PIL import Image

    from apps.dicom.render import Rendering, Viewport, Window
    from apps.dicom.rendering import PNG

    window = None
    if image.center is not None and image.width is not None:
        window = Window(image.center, max(image.width, 1.0))
    viewport = Viewport(SIDE, SIDE, square_pixels=True)
    rendering = Rendering(PNG, window=window, viewport=viewport, icc_profile="srgb")
    return Image.open(BytesIO(renditions.rendered(stored, image.frame, rendering))).convert("RGB")


def _annotated(
    plain: "Image", image: KeyImage, stored: StoredInstance, before: datetime | None
) -> tuple["Image", list[str]]:
    from apps.reports.drawing import draw

    study = Study.objects.get(series__instances=stored.pk)
    header, _ = headers.described(stored)
    found = annotations_in(study, stored.sop_instance_uid, header, before)
    placed = list(_placed(found, image, stored, header, plain.size))
    words = [", ".join(each.lines) for each in placed if each.lines]
    return (draw(plain, placed, settings.FONTS) if placed else plain), words


def _placed(
    found: list[Annotation], image: KeyImage, stored: StoredInstance, header: Mapping[str, Any], size: tuple[int, int]
) -> Iterator["Figure"]:
    """The figures of this frame, in the picture's pixels."""
    from apps.reports.drawing import Figure
    from apps.reports.placing import in_frame, sides_of

    columns, rows = sides_of(header, size)
    for each in found:
        points = in_frame(each.coordinates, image.frame, header, stored.transfer_syntax_uid)
        scaled = tuple((x * size[0] / columns, y * size[1] / rows) for x, y in points)
        if scaled:
            yield Figure(each.coordinates.graphic_type, scaled, each.group.tool, each.lines)
