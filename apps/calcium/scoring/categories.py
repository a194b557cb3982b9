"""What an Agatston score is called: CAC-DRS, and the usual categories; each with who says so."""

from collections.abc import Mapping
from typing import Final

from apps.calcium.scoring.vessels import Vessel
from apps.saying import Sentence, say

CAC_DRS_SOURCE: Final = "CAC-DRS: Hecht HS et al. J Cardiovasc Comput Tomogr 2018;12:185-191"
CATEGORY_SOURCE: Final = "Rumberger JA et al. Mayo Clin Proc 1999;74:243-252"
# From this score on; below the first one it is A0.
_CAC_DRS: Final = ((300.0, "A3"), (100.0, "A2"))
# Up to this score.
_CATEGORIES: Final = (
    (0.0, "none"), (10.0, "minimal"), (100.0, "mild"), (400.0, "moderate"), (float("inf"), "extensive"),
)  # fmt: skip
_WORDS: Final = {
    "none": say("No calcium found (0)"),
    "minimal": say("Minimal (up to 10)"),
    "mild": say("Mild (above 10, up to 100)"),
    "moderate": say("Moderate (above 100, up to 400)"),
    "extensive": say("Extensive (above 400)"),
}


def cac_drs(agatston: float, scores: Mapping[Vessel, float]) -> str:
    """ "A2/N3": the category of the score of all vessels, and of how many of the four there is calcium in.

    Without the number where not all calcium is told of by vessel.
    """
    if agatston <= 0:
        return "A0"
    category = next((name for least, name in _CAC_DRS if agatston >= least), "A1")
    if scores.get(Vessel.CORONARY, 0.0) > 0:
        return category
    vessels = sum(1 for vessel, each in scores.items() if vessel is not Vessel.CORONARY and each > 0)
    return f"{category}/N{vessels}"


def category(agatston: float) -> str:
    """The name of the usual category; `told` puts it into words."""
    return next(name for most, name in _CATEGORIES if agatston <= most)


def told(name: str) -> Sentence:
    return _WORDS[name]
