"""Setting the head of a practice's reports: what its logo may be, and that its colour can be read. On record."""

from io import BytesIO
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction
from PIL import Image, UnidentifiedImageError

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.audit.record import Action, tell
from apps.core.errors import Invalid, Refused
from apps.reports.models import Letterhead
from apps.saying import say

FORMATS: Final = ("PNG", "JPEG")
LOGO_BYTES: Final = 2 << 20
LOGO_PIXELS: Final = 16_000_000
# As it is kept: enough for 50 mm of paper at 600 dpi.
LOGO_SIDE: Final = 1200
# Of text on white (WCAG 2.2, 1.4.3).
CONTRAST: Final = 4.5
TOO_BRIGHT: Final = say("Choose a darker colour: headings in this one can't be read on white paper.")


def save(who: Principal, row: Letterhead, *, source: str) -> None:
    """Set a practice's head. Raises Refused, and Invalid for what can't be printed."""
    _decide(who, row)
    try:
        row.full_clean()
    except ValidationError as error:
        raise Invalid(say("Something of this can't be set."), tuple(_wrong(error))) from error
    if contrast(row.colour) < CONTRAST:
        raise Invalid(TOO_BRIGHT, (("colour", TOO_BRIGHT),))
    with transaction.atomic():
        row.save()
        _tell(who, row, "set", source)


def remove(who: Principal, row: Letterhead, *, source: str) -> None:
    """The practice's name alone stands on its reports. Raises Refused."""
    _decide(who, row)
    with transaction.atomic():
        _tell(who, row, "removed", source)
        row.delete()


def logo_of(data: bytes) -> bytes:
    """A PNG or JPEG as it is kept: a PNG in RGB with its transparency, no larger than paper needs, and nothing else
    that was in the file. Raises Invalid."""
    if len(data) > LOGO_BYTES:
        raise _no_logo(say("The logo is larger than {most} MiB.", most=LOGO_BYTES >> 20))
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as picture:
            if picture.width * picture.height > LOGO_PIXELS:
                raise _no_logo(say("The logo has more than {most} million pixels.", most=LOGO_PIXELS // 10**6))
            has_alpha = "A" in picture.getbands() or "transparency" in picture.info
            plain = picture.convert("RGBA" if has_alpha else "RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise _no_logo(say("The logo is no PNG or JPEG that can be read.")) from error
    plain.thumbnail((LOGO_SIDE, LOGO_SIDE))
    plain.info = {}
    kept = BytesIO()
    plain.save(kept, "PNG", optimize=True)
    return kept.getvalue()


def contrast(colour: str) -> float:
    """Of `#rrggbb` to white (WCAG 2.2, relative luminance), 1 to 21."""
    levels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in levels)
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def _no_logo(text: str) -> Invalid:
    return Invalid(text, (("logo", text),))


def _decide(who: Principal, row: Letterhead) -> None:
    if not who.may_in_all_of(Permission.ADMINISTER, row.practice_id):
        raise Refused(say("You may not set how the reports of this practice look."))


def _wrong(error: ValidationError) -> list[tuple[str, str]]:
    return [(name, text) for name, texts in error.message_dict.items() for text in texts]


def _tell(who: Principal, row: Letterhead, what: str, source: str) -> None:
    tell(
        Action.CONFIGURATION, principal=who, practice_id=row.practice_id, detail=f"letterhead {what}", source=source
    )  # fmt: skip
