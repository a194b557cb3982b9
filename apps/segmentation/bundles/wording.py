"""Why a bundle or an external command gave no labels, in plain words, and what to do about it."""

from typing import Any, Final

from apps.saying import Sentence, say

_REASONS: Final[dict[str, Sentence]] = {
    "bundle-changed": say(
        "The network's files are not those that were checked. Ask who administers this site to look at them."
    ),
    "bundle-configuration": say(
        "The network's configuration doesn't fit its network. Ask who administers this site to look at it."
    ),
    "bundle-failed": say(
        "The network's own processing failed with this volume. Ask who administers this site to look at it."
    ),
    "bundle-weights": say(
        "The network's weights can't be read, or belong to another network. Ask who administers this site."
    ),
    "overlapping": say("The network's segments overlap; only those can be kept that don't."),
    "no-labels": say("What came of it is not made of labels: whole numbers from 0 to 255."),
    "command-unstarted": say("The program can't be started. Ask who administers this site."),
    "command-no-output": say("The program ended without writing what it found. Ask who administers this site."),
    "command-unreadable": say("What the program wrote is not a NIfTI file of labels. Ask who administers this site."),
    "command-elsewhere": say("What the program wrote doesn't lie where the images do, so it can't be laid over them."),
}


def refusal(reason: str, values: dict[str, Any]) -> Sentence | None:
    """What a reason of `analysis.apart.refusing.Unanswerable` means; None for one that is of neither."""
    match reason:
        case "bundle-memory":
            return say(
                "This network needs {needed} GiB of memory for a volume of this size, and may have {given} here "
                "(FOVEA_SEGMENTER_MEMORY_MB). Choose a coarser network or a smaller volume, or ask who administers "
                "this site.",
                **values,
            )
        case "command-failed":
            return say("The program failed (exit status {status}). Ask who administers this site.", **values)
        case "command-late":
            return say("The program took longer than {minutes} minutes, and was ended.", **values)
    return _REASONS.get(reason)
