"""Why there are no labels, in plain words, and what to do about it."""

from typing import Final

from apps.saying import Sentence, say

_REASONS: Final[dict[str, Sentence]] = {
    "no-hounsfield": say(
        "This segmenter goes by Hounsfield units, and the images don't say that their values are such. Choose another "
        "segmenter or series."
    ),
    "no-greys": say(
        "The images don't say what their values mean, and show no air and soft tissue to compare them with. Choose "
        "another series."
    ),
    "nothing-found": say(
        "Nothing was found that could be marked. See whether the images show it, and try other thresholds."
    ),
    "no-seed": say(
        "None of the points lies in something as bright as a vessel with contrast agent. Place them within vessels."
    ),
    "no-contrast": say(
        "No vessel stands out from what is around it. This segmenter needs images with contrast agent in the vessels."
    ),
}


def refusal(reason: str) -> Sentence | None:
    """What a reason of `analysis.apart.refusing.Unanswerable` means; None for one that isn't the segmenters'."""
    return _REASONS.get(reason)
