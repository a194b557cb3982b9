"""What is known around a report while it is filled in, each thing looked up once and only when a word asks for it."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Final

import orjson
from django.db.models import Case, When
from isal import isal_zlib

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.analysis.models import Analysis, Verdict
from apps.archive.corrected import corrected
from apps.archive.growing import modalities_of
from apps.archive.models import Instance, Series, Study
from apps.measurements.models import Measurement
from apps.practice.models import Appointment, AppointmentState, Lead, MatchState
from apps.reports.content.document import Past
from apps.reports.content.structure import Structure
from apps.reports.filling.earlier import earlier_studies
from apps.reports.filling.following import Followed, followed
from apps.reports.filling.histories import histories_of
from apps.reports.filling.rows import rows_of
from apps.worklist.evidence import NOT_ACQUIRED
from apps.worklist.models import ScheduledStep

MOST_SERIES: Final = 500


class Facts:
    """Of one study for one template: what the principal sees of it, who writes the report."""

    def __init__(self, study: Study, structure: Structure, who: Principal) -> None:
        self.study, self.structure, self.who = study, structure, who
        self._headers: dict[int, dict[str, Any]] = {}

    @cached_property
    def series(self) -> Sequence[Series]:
        """The study's series, in their order."""
        seen = Series.objects.visible_to(self.who, Permission.VIEW).filter(study=self.study.pk)
        return list(seen.defer("found")[:MOST_SERIES])

    @cached_property
    def images(self) -> Sequence[Series]:
        """Those that a device has acquired."""
        return [each for each in self.series if each.modality not in NOT_ACQUIRED and each.instance_count]

    @property
    def modalities(self) -> frozenset[str]:
        """What the report is of: the template's modalities that the study has, else the study's."""
        there = frozenset(each.modality for each in self.images) or frozenset(modalities_of(self.study.modalities))
        return there & frozenset(self.structure.modalities) or there

    def main_series(self, modality: str = "") -> Series | None:
        """The series with most images: of the modality, else of those that the report is of."""
        wanted = frozenset({modality}) if modality else self.modalities
        return max(
            (each for each in self.images if each.modality in wanted),
            key=lambda each: each.instance_count,
            default=None,
        )

    def header(self, series: Series) -> dict[str, Any]:
        """The header of the series' first image (DICOM JSON) with the study's corrections; empty without any."""
        if series.pk not in self._headers:
            images = Instance.objects.filter(series=series.pk, number_of_frames__gt=0)
            first = images.order_by("instance_number", "pk").values_list("header", flat=True).first()
            self._headers[series.pk] = self._opened(bytes(first)) if first else {}
        return self._headers[series.pk]

    @property
    def main_header(self) -> dict[str, Any]:
        main = self.main_series()
        return self.header(main) if main else {}

    def headers_of_class(self, sop_class_uid: str) -> Sequence[tuple[str, dict[str, Any]]]:
        """The newest object of a class in the study: its Series Instance UID, and its header; none without any."""
        those = Instance.objects.filter(series__in=[each.pk for each in self.series], sop_class_uid=sop_class_uid)
        newest = those.order_by("-pk").values_list("series__series_instance_uid", "header")[:1]
        return [(uid, self._opened(bytes(header))) for uid, header in newest]

    @cached_property
    def step(self) -> ScheduledStep | None:
        """What the study was planned as on the worklist."""
        return ScheduledStep.objects.filter(study=self.study.pk).order_by("-pk").defer("item").first()

    @cached_property
    def appointment(self) -> Appointment | None:
        """The appointment of that."""
        if self.step is None:
            return None
        booked = Appointment.objects.filter(step=self.step).exclude(state=AppointmentState.CANCELLED)
        return booked.first()

    @cached_property
    def lead(self) -> Lead | None:
        """Whose study it is among the practice's leads, for whom the practice's leads are."""
        linked = Lead.objects.visible_to(self.who).alive().filter(erased_at=None)
        return linked.filter(matches__study=self.study.pk, matches__state=MatchState.LINKED).first()

    @cached_property
    def rows(self) -> Sequence[Measurement]:
        """What was measured in the study and counts."""
        return rows_of(self.study, self.who)

    @cached_property
    def earlier(self) -> Sequence[Study]:
        """The patient's earlier studies, newest first."""
        return earlier_studies(self.study, self.who)

    @cached_property
    def histories(self) -> Mapping[int, tuple[Past, ...]]:
        """Earlier values of `rows`, by their keys."""
        return histories_of(self.rows, self.study, self.who)

    @cached_property
    def lesions(self) -> Followed | None:
        """The lesions that are followed in the study."""
        return followed(self.study, self.who)

    def analysis(self, kind: str) -> Analysis | None:
        """The analysis of a kind with a result that a person has accepted, else the newest; never a rejected one."""
        done = Analysis.objects.filter(study=self.study.pk, kind=kind, run__gt=0).exclude(verdict=Verdict.REJECTED)
        return done.order_by(Case(When(verdict=Verdict.ACCEPTED, then=0), default=1), "-stored_at", "-pk").first()

    def _opened(self, header: bytes) -> dict[str, Any]:
        attributes: dict[str, Any] = orjson.loads(isal_zlib.decompress(header))
        return corrected(attributes, bytes(self.study.correction))
