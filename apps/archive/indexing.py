"""Writing studies, series and instances into the index, inside the store's transaction.

Each row is read once at the most, and written once at the end, however many instances have come.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.backends.utils import CursorWrapper

from apps.archive import attributes as index
from apps.archive import statements as sql
from apps.archive.corrections import settling
from apps.archive.growing import MODALITY, PATIENT_NAME, GrowingSeries, GrowingStudy
from apps.archive.intake import Prepared
from apps.archive.memory import Memory, Place, Stale
from apps.archive.outcomes import Identity, Origin
from apps.archive.statements import InstanceRow, KnownInstance, SeriesRow, StudyRow
from apps.audit import patients
from apps.dicom import likeness


def patient_name(prepared: Prepared) -> str:
    return index.name(prepared.attributes, PATIENT_NAME)


class Writer:
    """One transaction's."""

    def __init__(self, cursor: CursorWrapper, memory: Memory, now: datetime) -> None:
        self._cursor = cursor
        self._memory = memory
        # The moment as the database wants it in hand-written SQL.
        self._stamp: Any = cursor.db.ops.adapt_datetimefield_value(now)
        self._studies: dict[Place, GrowingStudy | None] = {}

    def known(
        self, practice_id: int, study_uid: str, series_uid: str, sop_uids: Sequence[str]
    ) -> dict[str, KnownInstance]:
        """The instances of this series that are there already, by SOP Instance UID."""
        study = self._study((practice_id, study_uid))
        series = self._series(study, series_uid) if study else None
        return sql.known_instances(self._cursor, series.row.pk, sop_uids) if series else {}

    def patient(self, practice_id: int, study_uid: str) -> str:
        """The pseudonym of the study's patient; empty where it is not known here."""
        study = self._study((practice_id, study_uid))
        return study.patient if study else ""

    def add(
        self,
        members: Sequence[Prepared],
        origin: Origin,
        keys: Mapping[Identity, str],
        replaced: Mapping[str, KnownInstance],
    ) -> int:
        """Index objects of one series, of which some replace others of the same UID; gives their study's key."""
        first = members[0]
        uids = first.identity
        place = origin.practice_id, uids.study_instance_uid
        study = self._study(place)
        if study is None:
            study = self._studies[place] = self._new_study(uids.study_instance_uid, first.attributes, origin)
        series = self._series(study, uids.series_instance_uid)
        if series is None:
            series = self._new_series(study, uids.series_instance_uid, first.attributes)
        if replaced:
            sql.delete_instances(self._cursor, [known.pk for known in replaced.values()])
        sql.insert_instances(self._cursor, [self._row(series.row.pk, each, origin, keys) for each in members])
        _grow(study, series, members, replaced)
        return study.row.pk

    def finish(self) -> None:
        """Write what has changed at studies and series. Raises Stale where another process has changed them too."""
        for study in self._studies.values():
            if study is not None and study.is_touched:
                for series in study.series.values():
                    if series.is_touched:
                        self._write_series(series)
                self._write_study(study)

    def remember(self) -> None:
        """Call it when the transaction has been committed."""
        for place, study in self._studies.items():
            if study is not None and not study.row.is_corrected:
                self._memory.keep(place, study)

    def _study(self, place: Place) -> GrowingStudy | None:
        if place not in self._studies:
            self._studies[place] = self._memory.take(place) or self._read_study(place)
        return self._studies[place]

    def _read_study(self, place: Place) -> GrowingStudy | None:
        row = sql.study(self._cursor, *place)
        return GrowingStudy.of(row, _pseudonym(place[0], row)) if row else None

    def _series(self, study: GrowingStudy, uid: str) -> GrowingSeries | None:
        known = study.series.get(uid)
        if known is None:
            row = sql.series(self._cursor, study.row.pk, uid)
            if row is not None:
                known = study.series[uid] = GrowingSeries.of(row)
        return known

    def _new_study(self, uid: str, attributes: index.Attributes, origin: Origin) -> GrowingStudy:
        answer = index.study_answer(attributes)
        found = index.pack(answer)
        patient = index.patient_columns(attributes)
        patient_row = sql.patient(self._cursor, origin.practice_id, patient, index.demographics(attributes))
        columns: dict[str, Any] = index.study_columns(attributes) | {
            "practice_id": origin.practice_id,
            "patient_id": patient_row.pk,
            "study_instance_uid": uid,
            "has_other_patient": False,
            "modalities": "",
            "series_count": 0,
            "instance_count": 0,
            "size": 0,
            "source": origin.way,
            "stored_by_id": origin.user_id,
            "received_at": self._stamp,
            "updated_at": self._stamp,
            "version": 0,
            "found": found,
            "original_found": b"",
            "correction": b"",
        }
        pk = sql.insert(self._cursor, "archive_study", columns)
        row = StudyRow(
            pk, 0, self._stamp, patient.identity, False, "", 0, 0, 0, found, is_corrected=patient_row.is_corrected
        )
        return GrowingStudy(row, answer, has_name=False, patient=_pseudonym(origin.practice_id, row))

    def _write_study(self, study: GrowingStudy) -> None:
        columns = study.columns(self._stamp)
        if not study.has_name and index.first(study.answer, PATIENT_NAME) is not None:
            searched = index.study_columns(study.answer)
            keys = likeness.keys(searched["patient_name_key"] + searched["patient_name_other_keys"])
            sql.insert_name_keys(self._cursor, study.row.pk, sorted(keys))
            study.has_name = True
        if not sql.update(self._cursor, "archive_study", study.row, columns):
            raise Stale
        study.written(self._stamp)
        if study.row.is_corrected:
            settling.settle([study.row.pk], has_grown=True)

    def _new_series(self, study: GrowingStudy, uid: str, attributes: index.Attributes) -> GrowingSeries:
        answer = index.series_answer(attributes)
        found = index.pack(answer)
        columns: dict[str, Any] = index.series_columns(attributes) | {
            "study_id": study.row.pk,
            "series_instance_uid": uid,
            "instance_count": 0,
            "size": 0,
            "received_at": self._stamp,
            "updated_at": self._stamp,
            "version": 0,
            "found": found,
        }
        pk = sql.insert(self._cursor, "archive_series", columns)
        series = GrowingSeries(SeriesRow(pk, 0, self._stamp, 0, 0, found), answer, has_requests=False)
        study.add_series(uid, series, index.text(attributes, MODALITY, 32))
        return series

    def _write_series(self, series: GrowingSeries) -> None:
        if not series.has_requests and index.REQUEST_ATTRIBUTES in series.answer:
            sql.insert_requests(self._cursor, series.row.pk, index.request_columns(series.answer))
            series.has_requests = True
        if not sql.update(self._cursor, "archive_series", series.row, series.columns(self._stamp)):
            raise Stale
        series.written(self._stamp)

    def _row(self, series_pk: int, prepared: Prepared, origin: Origin, keys: Mapping[Identity, str]) -> InstanceRow:
        return InstanceRow(
            series_id=series_pk,
            sop_instance_uid=prepared.identity.sop_instance_uid,
            sop_class_uid=prepared.identity.sop_class_uid,
            transfer_syntax_uid=prepared.transfer_syntax_uid,
            instance_number=index.integer(prepared.attributes, "00200013", 64),
            number_of_frames=prepared.number_of_frames,
            file_key=keys[prepared.identity],
            size=prepared.staged.size,
            digest=prepared.staged.digest,
            dataset_offset=prepared.dataset_offset,
            header=prepared.header,
            frame_index=prepared.frame_index,
            bulk_index=prepared.bulk_index,
            found=prepared.found,
            source=origin.way,
            received_at=self._stamp,
        )


def _pseudonym(practice_id: int, row: StudyRow) -> str:
    """Whose study it is by its objects; a corrected one may be another's."""
    return "" if row.is_corrected else patients.pseudonym(practice_id, row.identity)


def _grow(
    study: GrowingStudy, series: GrowingSeries, members: Sequence[Prepared], replaced: Mapping[str, KnownInstance]
) -> None:
    for member in members:
        study.take(member.attributes)
        series.take(member.attributes)
    count = len(members) - len(replaced)
    size = sum(member.staged.size for member in members) - sum(known.size for known in replaced.values())
    for row in (study.row, series.row):
        row.instance_count += count
        row.size += size
    study.is_touched = series.is_touched = True
