"""What the scripts of the page say; places in braces are filled there."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from apps.reports.models import Status


def words() -> dict[str, str]:
    """By the names that the scripts have for them, in the language of the page."""
    return {
        **{str(value): str(label) for value, label in Status.choices},
        **_saving(),
        **_fields(),
        **_phrases(),
        **_images(),
        **_measurements(),
        **_beside(),
        **_dictation(),
        **_ending(),
    }


def _saving() -> dict[str, str]:
    return {
        "saved": _("Saved"),
        "notSaved": _("Not saved yet"),
        "saving": _("Saving …"),
        "offline": _("The server is not reached. What you write is kept on this device."),
        "signedOut": _("You are signed out. What you write is kept on this device: sign in in another tab."),
        "notKept": _("This browser has no room to keep what you write. Don't close the page before it is saved."),
        "takenUp": _("What could not be saved before is here again."),
        "late": _("The report was signed before this was saved: {fields}. Amend it to bring it in."),
        "broken": _("The server was not reached. What you see may not be the newest."),
        "changedBy": _("{name} has saved another version of what you have changed. Choose for each field."),
        "mine": _("Yours"),
        "theirs": _("Theirs"),
        "both": _("Both, one after the other"),
        "others": _("Also here: {names}"),
        "amendedFor": _("Amendment: {reason}"),
        "filledIn": _("What was empty is filled in."),
    }


def _fields() -> dict[str, str]:
    return {
        "required": _("Required"),
        "edited": _("Edited · {source}"),
        "was": _("Filled in as: {value}"),
        "takeBack": _("Take it back"),
        "unconfirmed": _("To be confirmed"),
        "confirm": _("Confirm"),
        "toConfirm": _("{label}: to be confirmed"),
        "isMissing": _("{label}: not filled in"),
        "noFindings": _("There is nothing in the findings that the impression doesn't say."),
        "remove": _("Remove"),
    }


def _phrases() -> dict[str, str]:
    return {
        "phrases": _("Phrases"),
        "phrase": _("Phrase “{name}”"),
        "noPhrases": _("There is no such phrase."),
    }


def _images() -> dict[str, str]:
    return {
        "keyImages": _("Key images"),
        "keyImage": _("Key image {number}"),
        "caption": _("Caption"),
        "center": _("Center"),
        "width": _("Width"),
        "annotations": _("With what was measured"),
        "moveUp": _("Move key image {number} up"),
        "moveDown": _("Move key image {number} down"),
        "noImage": _("The viewer shows no image that can be taken."),
        "hasImage": _("This image is in the report already."),
        "mostImages": _("A report has at most {count} key images."),
        "imageTaken": _("The image is in the report."),
    }


def _measurements() -> dict[str, str]:
    return {
        "measurements": _("Measurements"),
        "measurement": _("Measurement"),
        "value": _("Value"),
        "earlier": _("Earlier"),
        "change": _("Change"),
        "printed": _("Printed"),
        "unverified": _("not verified"),
        "earlierValue": _("{value} on {date}"),
    }


def _beside() -> dict[str, str]:
    return {
        "noPriors": _("There is no earlier study of this patient that you may see."),
        "noReport": _("It has no signed report."),
        "openImages": _("Open the images"),
        "noHistory": _("Nothing has been changed since the report was begun."),
        "noDifference": _("They say the same."),
        "from": pgettext("version of a report", "From"),
        "to": pgettext("version of a report", "To"),
    }


def _dictation() -> dict[str, str]:
    return {
        "dictate": _("Dictate"),
        "stopDictating": _("Stop dictating"),
        "dictated": _("Dictated"),
        "listening": _("Listening. Pause, and what you have said is written."),
        "notHeard": _("Nothing was understood. Say it again, or type it."),
        "notHere": _("“{text}” can't be written in this field."),
        "chooseField": _("Choose a field first: what you say is written where the cursor is."),
        "insecure": _("The microphone needs a page by https. Whoever runs the server can set that up; type instead."),
        "noMicrophone": _("There is no microphone here, or the browser lets no page use it. Type instead."),
        "microphoneRefused": _(
            "The browser was told not to let this page use the microphone. Allow it beside the address."
        ),
        "microphoneBroken": _("The microphone can't be used now. Another program may have it."),
    }


def _ending() -> dict[str, str]:
    return {
        "signed": _("Signed. The PDF and the structured report are being made."),
        "saveFirst": _("Not everything is saved yet. Sign once it is."),
        "signature": _("Signature {number}"),
        "stored": _("stored in the study"),
        "storing": _("being stored"),
        "discardDraft": _("Nobody has signed it. It is gone then, with its history."),
        "discardAmendment": _("The report is then again as it was signed last."),
        "raised": _("They are being told."),
        "acknowledged": _("acknowledged"),
        "notAcknowledged": _("not acknowledged yet"),
    }
