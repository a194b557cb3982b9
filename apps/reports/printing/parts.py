"""What is handed to a page beside its document: the head of its practice, and pictures."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

# A text of the software's own, in the document's language.
Tell = Callable[[str], str]

# Pictures are data by name: nothing else is ever loaded.
SCHEME: Final = "fovea:"
LOGO: Final = "logo"
QR_CODE: Final = "qr"
WATERMARK: Final = "watermark"


@dataclass(frozen=True, slots=True)
class Letterhead:
    """The head and the foot of a practice's reports; `address`, `contact` and `footer` in lines. `colour` is `#rrggbb`.
    `has_logo` says that there is a picture of the name LOGO."""

    name: str
    address: str = ""
    contact: str = ""
    footer: str = ""
    colour: str = "#1f4e79"
    has_logo: bool = False

    def __post_init__(self) -> None:
        """The colour goes into a style sheet. Raises ValueError for anything else."""
        if not re.fullmatch("#[0-9a-fA-F]{6}", self.colour):
            raise ValueError("A colour is written as #rrggbb.")


@dataclass(frozen=True, slots=True)
class Picture:
    """A key image as it is shown: where it is (`fovea:name`, or an address of this site), what stands below it, and
    what it shows in words. Width and height are in pixels, 0 where they aren't known."""

    address: str
    width: int
    height: int
    caption: str = ""
    alt: str = ""
