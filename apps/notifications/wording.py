"""What a notification says: a title, and why. Sentences for the reader's language, without anything of a patient."""

from collections.abc import Callable
from typing import Any, Final

from apps.notifications.kinds import Kind
from apps.notifications.models import Notification
from apps.reports.critical import What
from apps.saying import Sentence, say, say_count

# The key of what waits in quarantine, among what needs review.
QUARANTINE: Final = "quarantine"


Values = dict[str, Any]

_TITLES: Final[dict[str, Callable[[int, Values], Sentence]]] = {
    Kind.NEW_STUDY: lambda count, _: say_count("A new study has arrived.", "{count} new studies have arrived.", count),
    Kind.NEEDS_REVIEW: lambda count, _: say_count("A study needs review.", "{count} studies need review.", count),
    Kind.JOB_FAILED: lambda count, values: say_count(
        "A job failed: {job}.", "{count} jobs failed: {job}.", count, job=values["job"]
    ),
    Kind.DEVICE_SILENT: lambda _, values: say("{device} is silent.", device=values["device"]),
    Kind.STORAGE: lambda _, values: say("The disk is {percent} % full.", percent=values["percent"]),
    Kind.QUOTA: lambda _, values: say("{percent} % of the practice's space is used.", percent=values["percent"]),
    Kind.WEBHOOK_PAUSED: lambda _, values: say("The webhook {name} was paused.", name=values["name"]),
    Kind.REPORT_SIGNED: lambda count, _: say_count(
        "A report has been signed.", "{count} reports have been signed.", count
    ),
    Kind.CRITICAL: lambda _, values: _critical(values["what"]),
}
_REASONS: Final[dict[str, Callable[[Values], str]]] = {
    Kind.NEEDS_REVIEW: lambda _: say("Say whose images these are."),
    Kind.DEVICE_SILENT: lambda values: _silent_for(values["hours"]),
    Kind.STORAGE: lambda values: say(
        "{free} GB are free. Nothing is stored when there is no room.", free=values["free"]
    ),
    Kind.QUOTA: lambda _: say("Nothing more is taken when it is used up."),
    Kind.WEBHOOK_PAUSED: lambda values: str(values["reason"]),
    Kind.CRITICAL: lambda values: "" if values["what"] == What.ACKNOWLEDGED else say("Look at it, and acknowledge it."),
}


def title(row: Notification) -> Sentence:
    """What has happened."""
    if _is_quarantine(row):
        return say("Objects wait in quarantine.")
    if row.kind not in _TITLES:
        return say("Something has happened that this version has no words for.")
    return _TITLES[row.kind](row.count, _Filling(row.values))


def reason(row: Notification) -> str:
    """Why, or what to do; may be empty."""
    if _is_quarantine(row):
        return say("They have the UIDs of stored objects and other content: say which are to be kept.")
    found = _REASONS.get(row.kind)
    return found(_Filling(row.values)) if found else ""


def _is_quarantine(row: Notification) -> bool:
    return row.kind == Kind.NEEDS_REVIEW and row.key == QUARANTINE


def _silent_for(hours: Any) -> Sentence:
    number = hours if isinstance(hours, int) else 0
    return say_count("It has not called for an hour.", "It has not called for {count} hours.", number)


def _critical(what: Any) -> Sentence:
    if what == What.ACKNOWLEDGED:
        return say("A critical finding was acknowledged.")
    if what == What.ESCALATED:
        return say("Nobody has acknowledged a critical finding.")
    return say("A critical finding was raised.")


class _Filling(Values):
    """What fills the texts; what its teller left out is empty."""

    def __missing__(self, name: str) -> str:
        return ""
