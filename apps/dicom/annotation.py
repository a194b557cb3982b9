"""Texts burnt into a rendered image: who it shows and how it was made (PS3.18 8.3.5.1.1)."""

from collections.abc import Iterable

from PIL import Image, ImageDraw, ImageFont

from apps.dicom.attributes import Attributes, text

# Patient's Name, ID, Birth Date, Sex; Modality, Study Date, Series and Instance Number, Description.
_LINES: dict[str, tuple[tuple[str, str], ...]] = {
    "patient": (("00100010", ""), ("00100020", "ID "), ("00100030", "Born "), ("00100040", "Sex ")),
    "technique": (
        ("00080060", ""),
        ("00080020", "Date "),
        ("0008103E", ""),
        ("00200011", "Series "),
        ("00200013", "Image "),
        ("00180050", "Thickness "),
        ("00180060", "kV "),
    ),
}
_MAX_LINE = 64
_INK, _OUTLINE = "white", "black"


def annotate(image: Image.Image, attributes: Attributes, kinds: Iterable[str]) -> Image.Image:
    """Draw the lines of each kind asked for: "patient" at the top left, "technique" at the bottom left."""
    draw = ImageDraw.Draw(image)
    size = max(10, min(image.size) // 32)
    font = ImageFont.load_default(size)
    for kind in kinds:
        is_top = kind == "patient"
        draw.multiline_text(
            (size // 2, size // 2 if is_top else image.height - size // 2),
            "\n".join(_lines(attributes, kind)),
            fill=_INK,
            font=font,
            anchor="la" if is_top else "ld",
            stroke_width=1,
            stroke_fill=_OUTLINE,
        )
    return image


def _lines(attributes: Attributes, kind: str) -> list[str]:
    shown = ((label, text(attributes, tag).replace("^", " ").strip()) for tag, label in _LINES[kind])
    return [f"{label}{value}"[:_MAX_LINE] for label, value in shown if value]
