"""Characters that no font has: they are spelled out, so that no box stands for what nobody can read."""

import unicodedata
from pathlib import Path

from apps.reports.printing.fonts.packages import PACKAGES

# Hidden from readers anyway (Unicode's Default_Ignorable_Code_Point): joiners, variation selectors, tags.
_HIDDEN = ("Cf", "Mn")


def legible(said: str, fonts: Path) -> str:
    """A text with each character that none of the fonts in the folder has as its number, such as `[U+1F600]`."""
    lacking = _lacking({each for each in said if not each.isascii()}, fonts)
    return said.translate({ord(each): _spelled(each) for each in lacking}) if lacking else said


def _lacking(wanted: set[str], fonts: Path) -> set[str]:
    """Those that no font has. Fonts are opened one after the other, and only while characters are left."""
    from fontTools.ttLib import TTFont

    for package in PACKAGES:
        if not wanted:
            break
        name = next(each for each in package.kept.values() if each.endswith(".ttf"))
        with TTFont(fonts / name, lazy=True) as font:
            known = font.getBestCmap()
            wanted = {each for each in wanted if ord(each) not in known}
    return wanted


def _spelled(character: str) -> str:
    return "" if unicodedata.category(character) in _HIDDEN else f"[U+{ord(character):04X}]"
