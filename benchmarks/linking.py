"""What it costs to say whose a study is, the database included, in a practice of 100,000 leads: docs/matching.md.

Processor time of this process, on an SQLite index of its own. Each study is of another patient: one of the leads, but
for slips.
"""

import datetime as dt
import os
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Final

from benchmarks.matching.febrl import Record, load
from benchmarks.matching.speed import LEADS, crowd

if TYPE_CHECKING:
    from apps.accounts.models import Practice
    from apps.archive.models import Study
    from apps.practice.models import Lead

STUDIES: Final = 60
AT_ONCE: Final = 2_000


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="fovea-linking-") as folder:
        practice = _set_up(folder)
        _fill(practice, list(crowd(load("4a"), LEADS)))
        studies = [_store(practice, record, number) for number, record in enumerate(load("4b")[: STUDIES + 1])]
        times = [_seconds(study) * 1000 for study in studies]
        # The first counts the practice's names, which holds for an hour.
        first, *others = times
        usual, dearest = statistics.median(others), max(others)
        print(f"A study among {LEADS} leads: {usual:.0f} ms of CPU, the dearest {dearest:.0f}, the first {first:.0f}.")


def _set_up(folder: str) -> "Practice":
    os.environ |= {"FOVEA_DATA": folder, "DJANGO_SETTINGS_MODULE": "config.settings", "FOVEA_LOG_LEVEL": "ERROR"}
    import django
    from django.core.management import call_command

    django.setup()
    from apps.accounts.models import Practice

    call_command("migrate", verbosity=0)
    return Practice.objects.create(name="Linking")


def _fill(practice: "Practice", records: Sequence[Record]) -> None:
    from django.db import transaction

    from apps.practice.leads import keys
    from apps.practice.models import Lead, Matching

    Matching.objects.create(practice=practice)
    for start in range(0, len(records), AT_ONCE):
        with transaction.atomic():
            keys.rewrite(Lead.objects.bulk_create(_leads(practice, records[start : start + AT_ONCE], start)))


def _leads(practice: "Practice", records: Sequence[Record], start: int) -> "list[Lead]":
    from apps.practice.models import Lead

    return [
        Lead(
            practice=practice, external_id=str(start + number), family_name=record.family, given_name=record.given,
            birth_date=_day(record.birth_date), patient_id=f"{record.number}-{start + number}",
        )
        for number, record in enumerate(records)
    ]  # fmt: skip


def _day(digits: str) -> dt.date | None:
    try:
        return dt.datetime.strptime(digits, "%Y%m%d").replace(tzinfo=dt.UTC).date()
    except ValueError:
        return None


def _store(practice: "Practice", record: Record, number: int) -> "Study":
    from apps.archive.models import Study
    from apps.archive.store import Batch, Origin

    with Batch(Origin("benchmark", practice.pk, "benchmark")) as batch:
        batch.receive([_object(record, number)])
        uid = batch.commit()[0].study_instance_uid
    return Study.objects.get(study_instance_uid=uid)


def _object(record: Record, number: int) -> bytes:
    """A Secondary Capture Image of one grey pixel, of this patient."""
    from pydicom import Dataset, dcmwrite
    from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage

    made = Dataset()
    for keyword, value in _attributes(record, f"1.2.826.0.1.3680043.10.1561.7.{number}"):
        setattr(made, keyword, value)
    made.SOPClassUID = SecondaryCaptureImageStorage
    stream = BytesIO()
    made.ensure_file_meta()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dcmwrite(stream, made, enforce_file_format=True)
    return stream.getvalue()


def _attributes(record: Record, uid: str) -> Iterator[tuple[str, object]]:
    yield from {
        "PatientName": f"{record.family}^{record.given}", "PatientID": record.number, "PatientSex": "",
        "PatientBirthDate": record.birth_date if _day(record.birth_date) else "", "Modality": "OT",
        "StudyInstanceUID": uid, "SeriesInstanceUID": f"{uid}.1", "SOPInstanceUID": f"{uid}.1.1",
        "Rows": 1, "Columns": 1, "BitsAllocated": 8, "BitsStored": 8, "HighBit": 7, "PixelRepresentation": 0,
        "SamplesPerPixel": 1, "PhotometricInterpretation": "MONOCHROME2", "PixelData": b"\0\0",
    }.items()  # fmt: skip


def _seconds(study: "Study") -> float:
    from apps.practice.linking import deciding

    begin = time.process_time()
    deciding.match(study)
    return time.process_time() - begin


if __name__ == "__main__":
    main()
