"""Writing a batch's studies, series and instances into the index, inside the store's transaction."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from django.db.backends.utils import CursorWrapper

from apps.archive import attributes as index
from apps.archive import statements as sql
from apps.archive.corrections import settling
from apps.archive.intake import Prepared
from apps.archive.models import TEXT_LENGTH
from apps.archive.outcomes import Identity, Origin
from apps.archive.statements import InstanceRow, KnownInstance, SeriesRow, StudyRow
from apps.dicom import likeness

MODALITY: Final = "00080060"
PATIENT_GROUP: Final = "0010"
PATIENT_NAME: Final = "00100010"


def patient_name(prepared: Prepared) -> str:
    return index.name(prepared.attributes, PATIENT_NAME)


def modalities_text(modalities: Iterable[str]) -> str:
    r"""The column's text, such as \CT\PT\: every modality stands between two backslashes."""
    inside = "\\".join(sorted(modalities))
    return f"\\{inside}\\"[:TEXT_LENGTH] if inside else ""


def modalities_of(column: str) -> set[str]:
    return {modality for modality in column.split("\\") if modality}


@dataclass(slots=True)
class Writer:
    """Writes instances that come in, and what they change at their series and study."""

    cursor: CursorWrapper
    origin: Origin
    keys: Mapping[Identity, str]
    replaced: Mapping[Identity, KnownInstance]
    now: datetime

    @property
    def stamp(self) -> Any:
        """The moment as the database wants it in hand-written SQL."""
        return self.cursor.db.ops.adapt_datetimefield_value(self.now)

    def write(self, coming: Iterable[Prepared]) -> set[int]:
        """Index these objects; gives the keys of their studies."""
        ordered = sorted(coming, key=lambda prepared: prepared.identity.study_instance_uid)
        by_study = groupby(ordered, key=lambda prepared: prepared.identity.study_instance_uid)
        return {self._write_study(uid, list(group)) for uid, group in by_study}

    def _write_study(self, uid: str, group: list[Prepared]) -> int:
        patients = [index.patient_columns(prepared.attributes) for prepared in group]
        study = sql.study(self.cursor, self.origin.practice_id, uid)
        if study is None:
            study = self._new_study(uid, patients[0], group[0].attributes)
        study.has_other_patient |= any(patient.identity != study.identity for patient in patients)
        ordered = sorted(group, key=lambda prepared: prepared.identity.series_instance_uid)
        for series_uid, members in groupby(ordered, key=lambda prepared: prepared.identity.series_instance_uid):
            self._write_series(study, series_uid, list(members))
        same_patient = patients[0].identity == study.identity
        self._update_study(study, group[0].attributes, same_patient)
        if study.is_corrected:
            settling.settle([study.pk], has_grown=True)
        return study.pk

    def _new_study(self, uid: str, patient: index.PatientColumns, attributes: index.Attributes) -> StudyRow:
        found = index.pack(index.study_answer(attributes))
        row = sql.patient(self.cursor, self.origin.practice_id, patient, index.demographics(attributes))
        columns: dict[str, Any] = index.study_columns(attributes) | {
            "practice_id": self.origin.practice_id,
            "patient_id": row.pk,
            "study_instance_uid": uid,
            "has_other_patient": False,
            "modalities": "",
            "series_count": 0,
            "instance_count": 0,
            "size": 0,
            "source": self.origin.way,
            "stored_by_id": self.origin.user_id,
            "received_at": self.stamp,
            "updated_at": self.stamp,
            "version": 0,
            "found": found,
            "original_found": b"",
            "correction": b"",
        }
        pk = sql.insert(self.cursor, "archive_study", columns)
        return StudyRow(pk, patient.identity, False, "", 0, 0, 0, found, row.is_corrected, is_new=True)

    def _update_study(self, study: StudyRow, attributes: index.Attributes, same_patient: bool) -> None:
        later = {
            tag: element
            for tag, element in index.study_answer(attributes).items()
            if same_patient or not tag.startswith(PATIENT_GROUP)
        }
        known = index.unpack(study.found)
        answer = index.filled_in(known, later)
        searched = index.study_columns(answer)
        if study.is_new or index.first(known, PATIENT_NAME) is None:
            keys = likeness.keys(searched["patient_name_key"] + searched["patient_name_other_keys"])
            sql.insert_name_keys(self.cursor, study.pk, sorted(keys))
        columns: dict[str, Any] = searched | {
            "has_other_patient": study.has_other_patient,
            "modalities": study.modalities,
            "series_count": study.series_count,
            "instance_count": study.instance_count,
            "size": study.size,
            "updated_at": self.stamp,
            "found": index.pack(with_study_counts(answer, study.modalities, study.series_count, study.instance_count)),
        }
        if study.is_corrected:
            columns["original_found"] = columns["found"]
        sql.update(self.cursor, "archive_study", study.pk, columns)

    def _write_series(self, study: StudyRow, uid: str, members: list[Prepared]) -> None:
        attributes = members[0].attributes
        series = sql.series(self.cursor, study.pk, uid)
        if series is None:
            series = self._new_series(study, uid, attributes)
        sql.insert_instances(self.cursor, [self._instance_row(series.pk, prepared) for prepared in members])
        fresh = [prepared for prepared in members if prepared.identity not in self.replaced]
        grown = sum(prepared.staged.size for prepared in members)
        grown -= sum(self.replaced[member.identity].size for member in members if member.identity in self.replaced)
        study.instance_count += len(fresh)
        study.size += grown
        self._update_series(series, attributes, series.instance_count + len(fresh), series.size + grown)

    def _new_series(self, study: StudyRow, uid: str, attributes: index.Attributes) -> SeriesRow:
        found = index.pack(index.series_answer(attributes))
        columns: dict[str, Any] = index.series_columns(attributes) | {
            "study_id": study.pk,
            "series_instance_uid": uid,
            "instance_count": 0,
            "size": 0,
            "received_at": self.stamp,
            "updated_at": self.stamp,
            "version": 0,
            "found": found,
        }
        study.series_count += 1
        modality = index.text(attributes, MODALITY, 32)
        study.modalities = modalities_text(modalities_of(study.modalities) | ({modality} - {""}))
        return SeriesRow(sql.insert(self.cursor, "archive_series", columns), 0, 0, found)

    def _update_series(self, series: SeriesRow, attributes: index.Attributes, count: int, size: int) -> None:
        known = index.unpack(series.found)
        answer = index.filled_in(known, index.series_answer(attributes))
        if not series.instance_count or index.REQUEST_ATTRIBUTES not in known:
            sql.insert_requests(self.cursor, series.pk, index.request_columns(answer))
        columns: dict[str, Any] = index.series_columns(answer) | {
            "instance_count": count,
            "size": size,
            "updated_at": self.stamp,
            "found": index.pack(with_series_count(answer, count)),
        }
        sql.update(self.cursor, "archive_series", series.pk, columns)

    def _instance_row(self, series_pk: int, prepared: Prepared) -> InstanceRow:
        return InstanceRow(
            series_id=series_pk,
            sop_instance_uid=prepared.identity.sop_instance_uid,
            sop_class_uid=prepared.identity.sop_class_uid,
            transfer_syntax_uid=prepared.transfer_syntax_uid,
            instance_number=index.integer(prepared.attributes, "00200013", 64),
            number_of_frames=prepared.number_of_frames,
            file_key=self.keys[prepared.identity],
            size=prepared.staged.size,
            digest=prepared.staged.digest,
            dataset_offset=prepared.dataset_offset,
            header=prepared.header,
            frame_index=prepared.frame_index,
            bulk_index=prepared.bulk_index,
            found=prepared.found,
            source=self.origin.way,
            received_at=self.stamp,
        )


def with_study_counts(answer: dict[str, Any], modalities: str, series: int, instances: int) -> dict[str, Any]:
    """A study's answer with what is computed from its series: PS3.18 10.6.3.3.1."""
    return answer | {
        index.MODALITIES_IN_STUDY: index.value("CS", *sorted(modalities_of(modalities))),
        index.STUDY_SERIES: index.value("IS", series),
        index.STUDY_INSTANCES: index.value("IS", instances),
    }


def with_series_count(answer: dict[str, Any], instances: int) -> dict[str, Any]:
    """A series' answer with how many instances it has: PS3.18 10.6.3.3.2."""
    return answer | {index.SERIES_INSTANCES: index.value("IS", instances)}
