"""The sixteen things that a user may be allowed to do, and the roles that bundle them."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Permission(TextChoices):
    """What somebody may do; each is granted by itself, and none follows from another."""

    VIEW = "view", _("Look at studies")
    DOWNLOAD = "download", _("Take stored files away")
    UPLOAD = "upload", _("Store objects")
    ANNOTATE = "annotate", _("Add annotations and measurements")
    REPORT = "report", _("Write reports")
    SIGN = "sign", _("Sign reports")
    SHARE = "share", _("Share studies with others")
    SEND = "send", _("Send studies to other archives")
    FETCH = "fetch", _("Search other archives and fetch from them")
    EDIT = "edit", _("Correct data and decide about quarantine")
    ANONYMISE = "anonymise", _("Take studies away without identities")
    MERGE = "merge", _("Merge patients and move studies")
    DELETE = "delete", _("Delete studies")
    ANALYSE = "analyse", _("Start analyses")
    AUDIT = "audit", _("Read the record")
    ADMINISTER = "administer", _("Decide who may do what, and on settings")


ALL: Final = frozenset(Permission)
# A program that acts for a person gets these only where that is said (a leaked token must not end an archive).
NEVER_BY_DEFAULT: Final = frozenset({Permission.DELETE, Permission.ADMINISTER})

# What a new site has; practices add their own beside them.
ROLES: Final[Mapping[str, frozenset[Permission]]] = {
    name: frozenset(map(Permission, permissions.split()))
    for name, permissions in {
        "technologist": "view upload send fetch edit",
        "radiologist": "view download annotate report sign share analyse fetch",
        "referring": "view download",
        "secretary": "view upload share merge",
        "researcher": "view anonymise",
        "viewer": "view",
        # Nobody gives what they don't have: whoever runs a practice gives every role by having every permission.
        "owner": " ".join(Permission),
        "administrator": "view edit merge delete send fetch administer",
        "auditor": "audit",
    }.items()
}


# Their names, which are stored in English, for people.
ROLE_LABELS: Final[Mapping[str, Any]] = {
    "technologist": pgettext_lazy("role", "technologist"),
    "radiologist": pgettext_lazy("role", "radiologist"),
    "referring": pgettext_lazy("role", "referring"),
    "secretary": pgettext_lazy("role", "secretary"),
    "researcher": pgettext_lazy("role", "researcher"),
    "viewer": pgettext_lazy("role", "viewer"),
    "owner": pgettext_lazy("role", "owner"),
    "administrator": pgettext_lazy("role", "administrator"),
    "auditor": pgettext_lazy("role", "auditor"),
}


class Scope(TextChoices):
    """Which studies of the practice a grant reaches."""

    PRACTICE = "practice", _("The whole practice")
    PATIENTS = "patients", _("Patients assigned to the user")
    UPLOADS = "uploads", _("Studies that the user stored")
    LABEL = "label", _("Studies with a label")
    PHYSICIAN = "physician", _("Studies of a referring physician")
    STUDY = "study", _("One study")
    PATIENT = "patient", _("One patient")


# What these scopes reach is named by the grant's subject.
NAMED: Final = frozenset({Scope.LABEL, Scope.PHYSICIAN, Scope.STUDY, Scope.PATIENT})


def read(names: Iterable[object]) -> frozenset[Permission]:
    """The permissions of these names; others, which an older or newer version may have written, count for nothing."""
    return frozenset(Permission(name) for name in names if name in Permission.values)
