"""Labels: words that a practice puts on studies. Grants may reach by them, so they are set by who may edit."""

import unicodedata
from collections.abc import Iterable
from typing import Any, Final

from django.db import transaction
from django.db.models import Count, QuerySet

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive.corrections import reach
from apps.archive.models import Study, StudyLabel
from apps.archive.shelving import site_writer
from apps.audit.record import Action, tell
from apps.core.errors import Conflict, Invalid
from apps.saying import say

MAX_LENGTH: Final = 64
MAX_OF_A_STUDY: Final = 50
MAX_STUDIES: Final = 1_000


def named(text: str) -> str:
    """A label as it is kept: composed characters, single spaces. Raises Invalid."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not name or len(name) > MAX_LENGTH or not name.isprintable() or "/" in name:
        raise Invalid(
            say("A label has 1 to {max_length} characters that can be seen, and no slash.", max_length=MAX_LENGTH)
        )
    return name


def add(principal: Principal, uids: Iterable[str], text: str) -> int:
    """Put a label on studies; gives on how many it is new. Raises Invalid, NotFound, Refused, Conflict."""
    name, studies = named(text), _studies(principal, uids)
    with site_writer(), transaction.atomic():
        bare = [study for study in studies if not study.labels.filter(name=name).exists()]
        if any(study.labels.count() >= MAX_OF_A_STUDY for study in bare):
            raise Conflict(say("A study has {max_of_a_study} labels at most.", max_of_a_study=MAX_OF_A_STUDY))
        StudyLabel.objects.bulk_create(StudyLabel(study=study, name=name) for study in bare)
        _tell(principal, bare, "added")
    return len(bare)


def remove(principal: Principal, uids: Iterable[str], text: str) -> int:
    """Take a label off studies; gives off how many. Raises Invalid, NotFound, Refused."""
    name, studies = named(text), _studies(principal, uids)
    with site_writer(), transaction.atomic():
        labelled = [study for study in studies if study.labels.filter(name=name).exists()]
        StudyLabel.objects.filter(study__in=labelled, name=name).delete()
        _tell(principal, labelled, "removed")
    return len(labelled)


def counted(principal: Principal) -> "QuerySet[StudyLabel, Any]":
    """The labels on studies in sight, by name, each with `studies`: on how many."""
    seen = Study.objects.visible_to(principal).order_by().values("pk")
    rows = StudyLabel.objects.filter(study__in=seen).order_by("name").values("name")
    return rows.annotate(studies=Count("study"))


def _studies(principal: Principal, uids: Iterable[str]) -> list[Study]:
    wanted = sorted(set(uids))
    if len(wanted) > MAX_STUDIES:
        raise Invalid(say("Label {max_studies} studies at a time at most.", max_studies=MAX_STUDIES))
    return [reach.study(principal, uid, Permission.EDIT) for uid in wanted]


def _tell(principal: Principal, studies: Iterable[Study], what: str) -> None:
    """What the label says stays off the record: it may be a name."""
    for study in studies:
        uid = study.study_instance_uid
        tell(Action.LABEL, principal=principal, practice_id=study.practice_id, study_instance_uid=uid, detail=what)
