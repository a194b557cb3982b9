"""The sixteen things that a user may be allowed to do, and the roles that bundle them."""

from collections.abc import Iterable, Mapping
from typing import Final

from django.db.models import TextChoices


class Permission(TextChoices):
    """What somebody may do; each is granted by itself, and none follows from another."""

    VIEW = "view", "Look at studies"
    DOWNLOAD = "download", "Take stored files away"
    UPLOAD = "upload", "Store objects"
    ANNOTATE = "annotate", "Add annotations and measurements"
    REPORT = "report", "Write reports"
    SIGN = "sign", "Sign reports"
    SHARE = "share", "Share studies with others"
    SEND = "send", "Send studies to other archives"
    FETCH = "fetch", "Search other archives and fetch from them"
    EDIT = "edit", "Correct data and decide about quarantine"
    ANONYMISE = "anonymise", "Take studies away without identities"
    MERGE = "merge", "Merge patients and move studies"
    DELETE = "delete", "Delete studies"
    ANALYSE = "analyse", "Start analyses"
    AUDIT = "audit", "Read the record"
    ADMINISTER = "administer", "Decide who may do what, and on settings"


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


class Scope(TextChoices):
    """Which studies of the practice a grant reaches."""

    PRACTICE = "practice", "The whole practice"
    PATIENTS = "patients", "Patients assigned to the user"
    UPLOADS = "uploads", "Studies that the user stored"
    LABEL = "label", "Studies with a label"
    PHYSICIAN = "physician", "Studies of a referring physician"
    STUDY = "study", "One study"
    PATIENT = "patient", "One patient"


# What these scopes reach is named by the grant's subject.
NAMED: Final = frozenset({Scope.LABEL, Scope.PHYSICIAN, Scope.STUDY, Scope.PATIENT})


def read(names: Iterable[object]) -> frozenset[Permission]:
    """The permissions of these names; others, which an older or newer version may have written, count for nothing."""
    return frozenset(Permission(name) for name in names if name in Permission.values)
