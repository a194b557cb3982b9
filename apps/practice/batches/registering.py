"""X-rays and links of a group of stored objects, by few statements: what was said of one holds from the start."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Q
from django.utils import timezone

from apps.accounts.principal import Principal
from apps.archive.models import Instance, Series
from apps.archive.outcomes import Outcome, Status
from apps.archive.store import Origin
from apps.core.errors import Conflict, NotFound
from apps.practice.linking import verbs
from apps.practice.models import How, XRay
from apps.practice.xrays import rows
from apps.practice.xrays.facts import Declared
from apps.practice.xrays.recognising import NO_PICTURES, is_single

IN_ARCHIVE: Final = frozenset({Status.STORED, Status.KNOWN, Status.OVERWRITTEN})
NEW: Final = frozenset({Status.STORED, Status.OVERWRITTEN})
_LONG: Final = ("found", "study__found", "study__original_found", "study__correction")
_COLUMNS: Final = ("series_id", "header", "source", "received_at")
# The series, and the instance where the X-ray is one.
_Key = tuple[int, int | None]


@dataclass(frozen=True, slots=True)
class Registered:
    """The X-ray of an object, if it has one, and why it did not get the lead that was declared."""

    xray: XRay | None = None
    conflict: str = ""


@dataclass(frozen=True, slots=True)
class _Member:
    """An object of the group that is an image in the archive."""

    series: Series
    instance: int
    declared: Declared
    is_new: bool

    @property
    def key(self) -> _Key:
        return self.series.pk, self.instance if is_single(self.series.modality) else None


class Registrar:
    """Registers group after group of one batch, and links each study to a lead once."""

    def __init__(self, principal: Principal, origin: Origin) -> None:
        self._principal = principal
        self._origin = origin
        self._linked: dict[tuple[int, int], str] = {}
        self._series: dict[tuple[str, str], Series] = {}

    def register(self, outcomes: Sequence[Outcome], declared: Sequence[Declared]) -> list[Registered]:
        """What each object became, in order. What is not in the archive, and what is no image, has no X-ray."""
        members = self._members(outcomes, declared)
        xrays = _known({member.key for member in members if member})
        made = self._make([member for member in members if member and member.key not in xrays])
        if made:
            xrays |= _known(made)
        found = [self._registered(member, xrays.get(member.key) if member else None) for member in members]
        rows.follow({member.series.study_id for member in members if member})
        return found

    def _members(self, outcomes: Sequence[Outcome], declared: Sequence[Declared]) -> list[_Member | None]:
        kept = [each for each in outcomes if each.status in IN_ARCHIVE]
        self._look_up({_series_of(each) for each in kept})
        series = {self._series[uids].pk for uids in map(_series_of, kept) if uids in self._series}
        images = Instance.objects.filter(
            series__in=series, sop_instance_uid__in=[each.sop_instance_uid for each in kept]
        )
        found = images.filter(number_of_frames__gt=0).order_by().values_list("series", "sop_instance_uid", "pk")
        known = {(series, uid): pk for series, uid, pk in found}
        return [self._member(outcome, said, known) for outcome, said in zip(outcomes, declared, strict=True)]

    def _look_up(self, wanted: set[tuple[str, str]]) -> None:
        """Read the series of these UIDs, of study and series, that are not in mind; those without pictures are none."""
        new = [series for study, series in wanted if (study, series) not in self._series]
        if not new:
            return
        found = Series.objects.filter(series_instance_uid__in=new, study__practice=self._origin.practice_id)
        for each in found.exclude(modality__in=NO_PICTURES).select_related("study").defer(*_LONG):
            self._series[each.study.study_instance_uid, each.series_instance_uid] = each

    def _member(self, outcome: Outcome, said: Declared, known: dict[tuple[int, str], int]) -> _Member | None:
        series = self._series.get(_series_of(outcome))
        instance = known.get((series.pk, outcome.sop_instance_uid)) if series else None
        if series is None or instance is None or outcome.status not in IN_ARCHIVE:
            return None
        return _Member(series, instance, said, outcome.status in NEW)

    def _make(self, lacking: Iterable[_Member]) -> set[_Key]:
        """Make one row for each key; the first of several says what is said of a volume."""
        first: dict[_Key, _Member] = {}
        for member in lacking:
            first.setdefault(member.key, member)
        if first:
            instances = Instance.objects.only(*_COLUMNS).in_bulk([each.instance for each in first.values()])
            made = [self._row(each, instances[each.instance]) for each in first.values() if each.instance in instances]
            XRay.objects.bulk_create(made, ignore_conflicts=True)
        return set(first)

    def _row(self, member: _Member, instance: Instance) -> XRay:
        said = member.declared
        made = rows.row(member.series.study, member.series, instance)
        if member.is_new:
            made.uploaded_by_id = self._origin.user_id
            made.kind, made.taken_at = said.kind or made.kind, said.taken_at or made.taken_at
            made.teeth, made.notes, made.user_id = said.teeth, said.notes, said.user_id
            made.changed_at = timezone.now()
        return made

    def _registered(self, member: _Member | None, xray: XRay | None) -> Registered:
        if member is None:
            return Registered()
        lead = member.declared.lead
        if lead is None:
            return Registered(xray)
        pair = member.series.study_id, lead.pk
        if pair not in self._linked:
            self._linked[pair] = self._link(member)
        return Registered(xray, self._linked[pair])

    def _link(self, member: _Member) -> str:
        """Link the study to the lead that was declared; why not, where somebody has decided otherwise."""
        study, lead = member.series.study, member.declared.lead
        if lead is None:
            return ""
        try:
            verbs.link(self._principal, study, lead, how=How.DECLARED, source=self._origin.way)
        except (Conflict, NotFound) as error:
            return error.detail
        return ""


def _known(keys: set[_Key]) -> dict[_Key, XRay]:
    of_instance = Q(instance__in=[instance for _, instance in keys if instance])
    of_series = Q(series__in=[series for series, instance in keys if not instance], instance=None)
    return {(each.series_id, each.instance_id): each for each in XRay.objects.filter(of_instance | of_series)}


def _series_of(outcome: Outcome) -> tuple[str, str]:
    return outcome.study_instance_uid, outcome.series_instance_uid
