"""The Synchronization module (PS3.3 C.7.4.2): cameras that look on at the same time have one clock."""

from pydicom.dataset import Dataset

from apps.video.objects.metadata import Metadata, Synchronization
from apps.video.objects.presets import OPHTHALMIC_8_BIT, Preset
from apps.video.objects.uids import study_uid, uid


def synchronization(dataset: Dataset, metadata: Metadata, preset: Preset) -> None:
    """Write it where there is one, and where the IOD asks for one: Ophthalmic Photography (A.41.3)."""
    told = metadata.synchronization
    if told is None and preset.sop_class_uid == OPHTHALMIC_8_BIT:
        told = Synchronization(uid(study_uid(metadata), "synchronization"))
    if told is None:
        return
    dataset.SynchronizationFrameOfReferenceUID = told.frame_of_reference_uid
    dataset.SynchronizationTrigger = told.trigger.value
    dataset.AcquisitionTimeSynchronized = "Y" if told.is_time_synchronized else "N"
    for keyword, value in (
        ("TimeSource", told.time_source),
        ("NTPSourceAddress", told.ntp_address),
        ("TimeDistributionProtocol", told.protocol),
    ):
        if value:
            setattr(dataset, keyword, value)
