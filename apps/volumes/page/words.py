"""What the scripts of the page say; places in braces are filled there."""

from django.utils.translation import gettext as _


def words() -> dict[str, str]:
    """By the names that the scripts have for them, in the language of the page."""
    return {**_views(), **_saving()}


def _views() -> dict[str, str]:
    return {
        "point": _("Point {number} of the arch"),
        "section": _("Cross-section at {at} mm"),
        "axial": _("Axial"),
        "panoramic": _("Panoramic"),
        "crossSection": _("Cross-section"),
        "length": _("{length} mm"),
        "alongArch": _("{length} mm (on the arch)"),
        "earlierArch": _("{text} (of an earlier arch)"),
        "value": _("{value} {unit}"),
        "remove": _("Remove"),
        "proposed": _("The arch was proposed from the images. Look whether it is right."),
        "notProposed": _("No arch was found in the images: draw it by its points."),
        "fewestPoints": _("An arch needs at least {count} points."),
        "mostPoints": _("An arch has at most {count} points."),
        "broken": _("The server was not reached. What you see may not be the newest."),
        "first": _("One end is set. Set the other one."),
    }


def _saving() -> dict[str, str]:
    return {
        "waiting": _("It waits for its turn."),
        "running": _("It is being made: {percent} %"),
        "saved": _("The panoramic and its cross-sections are stored in the study."),
        "cancelled": _("It was cancelled."),
        "failed": _("It failed."),
    }
