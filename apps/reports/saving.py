"""Saving what is written: only over what its writer has seen, so that nobody's words are lost."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive.models import Instance, Study
from apps.core.errors import Conflict, Invalid
from apps.measurements.models import Measurement
from apps.reports import revisions
from apps.reports.content import changing
from apps.reports.content.checking import MOST_BYTES, Problem
from apps.reports.content.entries import Content, KeyImage
from apps.reports.models import Report
from apps.reports.models.reports import OPEN
from apps.reports.reaching import CLOSED, open_report_of
from apps.reports.recording import told
from apps.reports.templates_finding import structure_of_version
from apps.saying import Sentence, say

STALE: Final = say("Somebody has changed this report since you read it. Nothing of theirs was overwritten.")

_Names = tuple[str, str, str, str]
_UIDS: Final = (
    "series__study__study_instance_uid", "series__series_instance_uid", "sop_class_uid", "sop_instance_uid",
    "number_of_frames",
)  # fmt: skip


class Stale(Conflict):
    """It is another revision by now: `report` is what there is."""

    def __init__(self, report: Report) -> None:
        super().__init__(STALE)
        self.report = report


@dataclass(frozen=True, slots=True)
class Saving:
    """What is to be saved: a change of the content; and who is to finish and sign the report, where that is said."""

    change: changing.Change = field(default_factory=changing.Change)
    reader: int | None = None
    has_reader: bool = False


def save(who: Principal, report_pk: int, revision: int, saving: Saving, *, source: str = "") -> Report:
    """Change a report that was read in this revision; the report as it is then, one revision on.

    Raises NotFound, Refused, Invalid with what can't be kept, Stale where it is another revision by now, and Conflict
    for a signed one.
    """
    report = open_report_of(who, report_pk)
    if report.revision != revision:
        raise Stale(report)
    columns = _columns(who, report, saving)
    with transaction.atomic():
        _update(report, columns)
        if revisions.keep(report, is_step=False):
            told(who, report, "written", source=source)
    return report


def _columns(who: Principal, report: Report, saving: Saving) -> dict[str, Any]:
    columns: dict[str, Any] = {"content": _content(who, report, saving.change)}
    if saving.has_reader:
        columns["reader_id"] = _reader(report.study, saving.reader)
    return {**columns, "changed_by_id": who.user_id or None, "changed_at": timezone.now()}


def _update(report: Report, columns: dict[str, Any]) -> None:
    """One statement, which finds nothing where somebody was faster. Raises Stale, and Conflict for a signed one."""
    columns = {**columns, "revision": report.revision + 1}
    if not Report.objects.filter(pk=report.pk, revision=report.revision, status__in=OPEN).update(**columns):
        now = Report.objects.with_study().select_related("changed_by").get(pk=report.pk)
        raise Stale(now) if now.is_open else Conflict(CLOSED)
    for name, value in columns.items():
        setattr(report, name, value)


def _content(who: Principal, report: Report, change: changing.Change) -> dict[str, Any]:
    structure = structure_of_version(report.version)
    content = changing.changed(Content.from_json(report.content), change)
    wrong = [*changing.problems(structure, content, change), *_unknown(who, report.study, change)]
    as_json = content.as_json()
    if not wrong and len(orjson.dumps(as_json)) > MOST_BYTES:
        wrong = [("entries", say("A report has at most {most} MiB.", most=MOST_BYTES // 1024**2))]
    if wrong:
        raise Invalid(wrong[0][1], wrong)
    return as_json


def _unknown(who: Principal, study: Study, change: changing.Change) -> Iterable[Problem]:
    """What the change names that is not the study's, or not the patient's, or that the writer doesn't see."""
    if change.measurements and not _are_theirs(who, study, change.measurements):
        yield "measurements", say("There is no such measurement of this study.")
    known = _frames(who, study, change.key_images or ())
    for number, image in enumerate(change.key_images or ()):
        if not 1 <= image.frame <= known.get(_names(image), 0):
            yield f"keyImages.{number}", say("There is no such image of this patient.")


def _are_theirs(who: Principal, study: Study, measurements: tuple[int, ...]) -> bool:
    wanted = set(measurements)
    rows = Measurement.objects.visible_to(who).filter(pk__in=wanted, study=study.pk)
    return rows.count() == len(wanted)


def _frames(who: Principal, study: Study, images: Iterable[KeyImage]) -> dict[_Names, int]:
    """How many frames these images have, by their UIDs; without those that are not the patient's."""
    wanted = {image.sop_instance_uid for image in images}
    if not wanted:
        return {}
    rows = Instance.objects.visible_to(who).filter(sop_instance_uid__in=wanted, series__study__patient=study.patient_id)
    return {(of, series, kind, uid): frames for of, series, kind, uid, frames in rows.values_list(*_UIDS)}


def _names(image: KeyImage) -> _Names:
    return image.study_uid, image.series_uid, image.sop_class_uid, image.sop_instance_uid


def _reader(study: Study, pk: int | None) -> int | None:
    """Who is to sign must be able to. Raises Invalid."""
    if pk is None:
        return None
    user = User.objects.filter(pk=pk, is_active=True).first()
    if user is None or not Principal.of(user).may_in(Permission.SIGN, study.practice_id):
        reason: Sentence = say("They may not sign reports of this practice.")
        raise Invalid(reason, [("reader", reason)])
    return pk
