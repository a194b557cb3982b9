"""Rows of X-rays without files, as many as a test wants."""

from datetime import UTC, datetime, timedelta

from django.utils import timezone

from apps.accounts.models import Practice
from apps.archive.models import Instance, Patient, Series, Study
from apps.practice.models import XRay, XrayType

FIRST = datetime(2024, 1, 1, 12, tzinfo=UTC)


def x_rays(practice: Practice, count: int, first: int = 0) -> list[XRay]:
    """So many panoramic images, each a study of its own, one a day."""
    numbers = range(first, first + count)
    now = timezone.now()
    patients = Patient.objects.bulk_create(
        Patient(practice=practice, identity=f"{practice.pk}.{n}", name=f"Person{n}", demographics=b"") for n in numbers
    )
    studies = Study.objects.bulk_create(
        Study(
            practice=practice, patient=patient, study_instance_uid=f"1.2.{practice.pk}.{n}", updated_at=now, found=b"",
            patient_name=f"Person{n}", patient_name_key=f"person{n}", instance_count=1, series_count=1,
        )
        for n, patient in zip(numbers, patients, strict=True)
    )  # fmt: skip
    series = Series.objects.bulk_create(
        Series(
            study=study, series_instance_uid=f"{study.study_instance_uid}.1", modality="PX", updated_at=now, found=b""
        )
        for study in studies
    )  # fmt: skip
    instances = Instance.objects.bulk_create(
        Instance(
            series=each, sop_instance_uid=f"{each.series_instance_uid}.1", sop_class_uid="1.2", size=1, digest=b"",
            transfer_syntax_uid="1.2.840.10008.1.2.1", number_of_frames=1, found=b"", file_key=each.series_instance_uid,
            dataset_offset=0, header=b"", frame_index=b"", bulk_index=b"",
        )
        for each in series
    )  # fmt: skip
    return XRay.objects.bulk_create(
        XRay(
            practice=practice, study=study, series=each, instance=instance, kind=XrayType.PANORAMIC, modality="PX",
            taken_at=FIRST + timedelta(days=n), received_at=FIRST + timedelta(days=n),
        )
        for n, study, each, instance in zip(numbers, studies, series, instances, strict=True)
    )  # fmt: skip
