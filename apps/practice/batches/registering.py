"""X-rays and links of a group of stored objects, by few statements: what was said of one holds from the start."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Q
from django.utils import timezone

from apps.accounts.principal import Principal
from apps.archive.models import Instance
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
_LONG: Final = ("found", "frame_index", "bulk_index", "digest", "series__found", "series__study__found",
                "series__study__original_found", "series__study__correction")  # fmt: skip
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

    instance: Instance
    declared: Declared
    is_new: bool

    @property
    def key(self) -> _Key:
        series = self.instance.series
        return series.pk, self.instance.pk if is_single(series.modality) else None


class Registrar:
    """Registers group after group of one batch, and links each study to a lead once."""

    def __init__(self, principal: Principal, origin: Origin) -> None:
        self._principal = principal
        self._origin = origin
        self._linked: dict[tuple[int, int], str] = {}

    def register(self, outcomes: Sequence[Outcome], declared: Sequence[Declared]) -> list[Registered]:
        """What each object became, in order. What is not in the archive, and what is no image, has no X-ray."""
        members = self._members(outcomes, declared)
        xrays = _known({member.key for member in members if member})
        made = self._make([member for member in members if member and member.key not in xrays])
        if made:
            xrays |= _known(made)
        found = [self._registered(member, xrays.get(member.key) if member else None) for member in members]
        rows.follow({member.instance.series.study_id for member in members if member})
        return found

    def _members(self, outcomes: Sequence[Outcome], declared: Sequence[Declared]) -> list[_Member | None]:
        kept = {each.sop_instance_uid for each in outcomes if each.status in IN_ARCHIVE}
        stored = Instance.objects.filter(sop_instance_uid__in=kept, series__study__practice=self._origin.practice_id)
        stored = stored.filter(number_of_frames__gt=0).exclude(series__modality__in=NO_PICTURES)
        instances = {_uids(each): each for each in stored.select_related("series__study").defer("header", *_LONG)}
        return [
            _Member(instances[uids], said, outcome.status in NEW) if (uids := _named(outcome)) in instances else None
            for outcome, said in zip(outcomes, declared, strict=True)
        ]

    def _make(self, lacking: Iterable[_Member]) -> set[_Key]:
        """Make one row for each key; the first of several says what is said of a volume."""
        first: dict[_Key, _Member] = {}
        for member in lacking:
            first.setdefault(member.key, member)
        headers = dict(
            Instance.objects.filter(pk__in=[each.instance.pk for each in first.values()]).values_list("pk", "header")
        )
        made = [self._row(member, bytes(headers[member.instance.pk])) for member in first.values()]
        XRay.objects.bulk_create(made, ignore_conflicts=True)
        return set(first)

    def _row(self, member: _Member, header: bytes) -> XRay:
        instance, said = member.instance, member.declared
        instance.header = header
        made = rows.row(instance.series.study, instance.series, instance)
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
        pair = member.instance.series.study_id, lead.pk
        if pair not in self._linked:
            self._linked[pair] = self._link(member)
        return Registered(xray, self._linked[pair])

    def _link(self, member: _Member) -> str:
        """Link the study to the lead that was declared; why not, where somebody has decided otherwise."""
        study, lead = member.instance.series.study, member.declared.lead
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


def _uids(instance: Instance) -> tuple[str, str, str]:
    series = instance.series
    return series.study.study_instance_uid, series.series_instance_uid, instance.sop_instance_uid


def _named(outcome: Outcome) -> tuple[str, str, str]:
    return outcome.study_instance_uid, outcome.series_instance_uid, outcome.sop_instance_uid
