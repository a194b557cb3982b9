"""The data sets of videos: what PS3.3 and PS3.5 8.2 ask for beside each stream, and what is true of it."""

from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction
from pathlib import Path as File
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from apps.video.conversion.plan import Path
from apps.video.errors import Code as Reason
from apps.video.errors import Refused
from apps.video.objects.attributes import dataset
from apps.video.objects.metadata import (
    BurnedIn,
    Code,
    Laterality,
    Metadata,
    Patient,
    Reference,
    Series,
    Study,
    Synchronization,
)
from apps.video.objects.presets import (
    MODALITIES,
    OPHTHALMIC_8_BIT,
    PRESETS,
    ULTRASOUND_MULTI_FRAME,
    VIDEO_ENDOSCOPIC,
    VIDEO_MICROSCOPIC,
    VIDEO_PHOTOGRAPHIC,
    preset_for,
)
from apps.video.streams.facts import Chroma, EditList, Pictures, Probe, Sound, Wrapping
from tests.video.objects.samples import SIZE, full, stream, write

BARE = Metadata(seed="job/sha")


def probe(codec: str = "prores", **changes: Any) -> Probe:
    pictures = Pictures(codec, 0, 0, 0, 640, 480, Chroma.WIDE, 10, Fraction(1), False, Fraction(30))
    values: dict[str, Any] = {"metadata": (), "size": 1, "format": "mp4"}
    wrapping = Wrapping(
        **{**values, **changes},
        duration=None,
        is_head_first=False,
        is_fragmented=False,
        edit_list=EditList.NONE,
        rotation=0,
        is_mirrored=False,
        other_streams=0,
    )
    return Probe(wrapping, pictures, 0, (Sound("aac", 48000, 2, None),))


@pytest.mark.parametrize(
    ("said", "sop_class", "modality"),
    [
        ({}, VIDEO_ENDOSCOPIC, "ES"),
        ({"preset": "surgery"}, VIDEO_PHOTOGRAPHIC, "XC"),
        ({"preset": "ultrasound"}, ULTRASOUND_MULTI_FRAME, "US"),
        ({"preset": "cardiology"}, ULTRASOUND_MULTI_FRAME, "US"),
        ({"preset": "microscopy"}, VIDEO_MICROSCOPIC, "GM"),
        ({"preset": "dental"}, VIDEO_PHOTOGRAPHIC, "XC"),
        ({"modality": "IVUS"}, ULTRASOUND_MULTI_FRAME, "IVUS"),
        ({"preset": "dermatology", "modality": "GM"}, VIDEO_MICROSCOPIC, "GM"),
        ({"sop_class_uid": VIDEO_MICROSCOPIC}, VIDEO_MICROSCOPIC, "GM"),
    ],
)
def test_what_it_is(said: dict[str, str], sop_class: str, modality: str) -> None:
    made = dataset(Metadata(seed="s", **said), stream())  # type: ignore[arg-type]
    assert (made.SOPClassUID, made.Modality) == (sop_class, modality)


def test_an_eye_needs_its_side_and_its_moment() -> None:
    with pytest.raises(Refused, match="laterality") as found:
        dataset(Metadata(seed="s", preset="ophthalmology"), stream())
    assert found.value.code is Reason.BAD_METADATA
    with pytest.raises(Refused, match="acquired"):
        dataset(Metadata(seed="s", modality="OP", laterality=Laterality.LEFT), stream())
    made = dataset(full(preset="ophthalmology"), stream())
    assert (made.SOPClassUID, made.Modality, made.ImageLaterality) == (OPHTHALMIC_8_BIT, "OP", "L")
    assert made.AcquisitionDeviceTypeCodeSequence[0].CodeValue == "409903006"
    assert made.BurnedInAnnotation == "YES"  # Type 1 there, and nobody has said that there is none


def test_class_and_modality_go_together() -> None:
    with pytest.raises(Refused, match="modality"):
        dataset(Metadata(seed="s", sop_class_uid=VIDEO_ENDOSCOPIC, modality="US"), stream())
    assert {preset_for(each) for each in ("ES", "GM", "XC", "US", "OP")} <= PRESETS.keys()
    assert preset_for("CT") == ""
    assert set(MODALITIES) == {preset.sop_class_uid for preset in PRESETS.values()}


def test_without_a_seed_nothing_has_a_uid() -> None:
    with pytest.raises(ValueError, match="follow"):
        dataset(Metadata(), stream())


def test_uids_follow_from_the_seed() -> None:
    first, again, other = (dataset(Metadata(seed=each), stream()) for each in ("a", "a", "b"))
    keys = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
    assert [first[key].value for key in keys] == [again[key].value for key in keys]
    assert not {first[key].value for key in keys} & {other[key].value for key in keys}
    assert len({first[key].value for key in keys}) == 3
    given = dataset(Metadata(study=Study(uid="1.2.3"), series=Series(uid="1.2.4"), sop_instance_uid="1.2.5"), stream())
    assert [given[key].value for key in keys] == ["1.2.3", "1.2.4", "1.2.5"]


def test_it_is_all_the_same_when_it_is_made_again(tmp_path: File) -> None:
    first, again = (write(tmp_path / name, full(), stream()).read_bytes() for name in ("1.dcm", "2.dcm"))
    assert first == again


def test_everything_that_is_known_is_said() -> None:
    made = dataset(full(), stream())
    assert made.SpecificCharacterSet == "ISO_IR 192"
    assert (made.PatientName, made.PatientID, made.PatientBirthDate) == ("Müller^Jürgen", "P-1", "19700131")
    assert (made.AccessionNumber, made.ProcedureCodeSequence[0].CodeMeaning) == (
        "A1",
        "Upper gastrointestinal endoscopy",
    )
    assert (made.StudyDate, made.StudyTime) == ("20261122", "093000.250000")
    assert (made.SeriesNumber, made.OperatorsName) == (2, ["A^B", "C^D"])
    assert made.RequestAttributesSequence[0].ScheduledProcedureStepID == "SPS1"
    assert made.ReferencedPerformedProcedureStepSequence[0].ReferencedSOPInstanceUID == "1.2.3.4"
    assert made.StudyInstanceUID == "1.2.3"
    assert (made.Manufacturer, made.StationName) == ("Maker", "ROOM2")
    assert (made.AcquisitionDateTime, made.TimezoneOffsetFromUTC) == ("20261122093000.250000+0000", "+0000")
    assert (made.SynchronizationFrameOfReferenceUID, made.AcquisitionTimeSynchronized) == ("1.2.3.5", "Y")
    assert made.ImageLaterality == "L"
    assert made.ContributingEquipmentSequence[0].PurposeOfReferenceCodeSequence[0].CodeValue == "109102"


def test_nothing_is_made_up() -> None:
    made = dataset(BARE, stream())
    for type_2 in ("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "StudyID"):
        assert made[type_2].is_empty
    for type_2 in ("AccessionNumber", "ReferringPhysicianName", "SeriesNumber", "Manufacturer", "PatientOrientation"):
        assert made[type_2].is_empty
    for absent in (
        "ContentDate",
        "AcquisitionDateTime",
        "TimezoneOffsetFromUTC",
        "BurnedInAnnotation",
        "PatientIdentityRemoved",
    ):
        assert absent not in made


def test_all_dates_are_of_one_zone() -> None:
    east = timezone(timedelta(hours=5, minutes=30))
    acquired = datetime(2026, 11, 22, 1, 0, tzinfo=east)
    made = dataset(full(acquired=acquired, study=Study(started=datetime(2026, 11, 21, 19, 0, tzinfo=UTC))), stream())
    assert (made.TimezoneOffsetFromUTC, made.StudyDate, made.StudyTime) == ("+0530", "20261122", "003000")
    unzoned = dataset(full(acquired=acquired.replace(tzinfo=None)), stream())
    assert unzoned.AcquisitionDateTime == "20261122010000"
    assert "TimezoneOffsetFromUTC" not in unzoned


@pytest.mark.parametrize(
    ("preset", "body_part", "anatomy", "said"),
    [
        ("endoscopy", "", None, "U"),
        ("dermatology", "", None, None),
        ("endoscopy", "STOMACH", None, "U"),
        ("endoscopy", "KNEE", None, None),
        ("endoscopy", "", Code("72696002", "SCT", "Knee"), None),
    ],
)
def test_a_side_that_is_not_known(preset: str, body_part: str, anatomy: Code | None, said: str | None) -> None:
    metadata = Metadata(seed="s", preset=preset, anatomy=anatomy, series=Series(body_part=body_part))
    made = dataset(metadata, stream())
    assert made.get("ImageLaterality") == said
    assert ("Laterality" in made) == (said is None)


@pytest.mark.parametrize(
    ("syntax", "colour", "bits", "method", "stereo"),
    [
        ("100", "YBR_PARTIAL_420", (8, 8, 7), "ISO_13818_2", "NO"),
        ("101.1", "YBR_PARTIAL_420", (8, 8, 7), "ISO_13818_2", "NO"),
        ("102", "YBR_PARTIAL_420", (8, 8, 7), "ISO_14496_10", "NO"),
        ("105", "YBR_PARTIAL_420", (8, 8, 7), "ISO_14496_10", "YES"),
        ("106.1", "YBR_PARTIAL_420", (8, 8, 7), "ISO_14496_10", "YES"),
        ("107", "YBR_PARTIAL_420", (8, 8, 7), "ISO_23008_2", "NO"),
        ("108", "YBR_PARTIAL_420", (16, 10, 9), "ISO_23008_2", "NO"),
        ("50", "YBR_FULL_422", (8, 8, 7), "ISO_10918_1", None),
    ],
)
def test_the_pictures(syntax: str, colour: str, bits: tuple[int, int, int], method: str, stereo: str | None) -> None:
    path = Path.WRAP_JPEG if syntax == "50" else Path.REMUX
    made = dataset(BARE, stream(syntax, path))
    assert (made.PhotometricInterpretation, made.SamplesPerPixel, made.PlanarConfiguration) == (colour, 3, 0)
    assert (made.BitsAllocated, made.BitsStored, made.HighBit) == bits
    assert (made.Rows, made.Columns, made.NumberOfFrames, made.PixelRepresentation) == (240, 320, 60, 0)
    assert made.LossyImageCompressionMethod == method
    assert made.get("StereoPairsPresent") == stereo
    assert "PixelAspectRatio" not in made


@pytest.mark.parametrize(
    ("rate", "frame_time", "whole"),
    [(Fraction(30000, 1001), "33.367", 30), (Fraction(25), "40", 25), (Fraction(60), "16.667", 60)],
)
def test_a_constant_rate(rate: Fraction, frame_time: str, whole: int) -> None:
    made = dataset(BARE, stream(rate=rate))
    assert (made.FrameIncrementPointer, str(made.FrameTime)) == (0x00181063, frame_time)
    assert (made.CineRate, made.RecommendedDisplayFrameRate) == (whole, whole)
    assert "FrameTimeVector" not in made


def test_a_varying_rate() -> None:
    made = dataset(BARE, stream(intervals=(0.0, 40.0, 33.3667), frames=3))
    assert (made.FrameIncrementPointer, list(map(str, made.FrameTimeVector))) == (0x00181065, ["0", "40", "33.367"])
    assert "FrameTime" not in made
    with pytest.raises(ValueError, match="intervals"):
        dataset(BARE, stream(intervals=(0.0, 40.0), frames=3))


@pytest.mark.parametrize(
    ("preset", "sound", "mode", "source"),
    [("endoscopy", 2, "STEREO", "109112"), ("surgery", 1, "MONO", "109112"), ("cardiology", 2, "STEREO", "109113")],
)
def test_sound(preset: str, sound: int, mode: str, source: str) -> None:
    made = dataset(Metadata(seed="s", preset=preset), stream(sound=("aac", 48000, sound)))
    described = made.MultiplexedAudioChannelsDescriptionCodeSequence[0]
    assert (described.ChannelIdentificationCode, described.ChannelMode) == (1, mode)
    assert described.ChannelSourceSequence[0].CodeValue == source
    assert not dataset(BARE, stream()).MultiplexedAudioChannelsDescriptionCodeSequence
    assert "MultiplexedAudioChannelsDescriptionCodeSequence" not in dataset(BARE, stream("50", Path.WRAP_JPEG))


def test_kept_pictures_are_original() -> None:
    for path in (Path.PASSTHROUGH, Path.REMUX, Path.RELABEL):
        made = dataset(BARE, stream(path=path, probe=probe("h264")))
        assert made.ImageType == ["ORIGINAL", "PRIMARY"]
        assert made.LossyImageCompression == "01"
        assert float(made.LossyImageCompressionRatio) == pytest.approx(320 * 240 * 1.5 * 60 / SIZE, abs=0.01)
        assert "DerivationDescription" not in made


def transcoded(**changes: Any) -> Dataset:
    values: dict[str, Any] = {"steps": ("rotate", "scale", "rate", "mask"), "probe": probe()}
    return dataset(BARE, stream(path=Path.TRANSCODE, **{**values, **changes}))


def test_encoded_pictures_are_derived() -> None:
    made = transcoded()
    assert made.ImageType == ["DERIVED", "PRIMARY"]
    assert made.LossyImageCompressionMethod == ["PRORES", "ISO_14496_10"]
    before, after = map(float, made.LossyImageCompressionRatio)
    assert before == pytest.approx(640 * 480 * 2 * 2 * 60 / (2 * SIZE), abs=0.01)
    assert after == pytest.approx(320 * 240 * 1.5 * 60 / SIZE, abs=0.01)
    assert made.DerivationDescription == (
        "Encoded anew as H.264: turned upright, scaled to 320 x 240, made 30.000 pictures a second, "
        "fixed places painted over."
    )
    assert [each.CodeValue for each in made.DerivationCodeSequence] == ["113040", "113085"]


def test_what_was_lossless_has_been_compressed_once() -> None:
    made = transcoded(probe=probe("ffv1"), steps=())
    assert made.LossyImageCompressionMethod == "ISO_14496_10"
    assert made.DerivationDescription == "Encoded anew as H.264."


def test_what_is_missing_is_said() -> None:
    made = transcoded(lost_frames=3, steps=("recover",))
    assert "recovered from a damaged file" in made.DerivationDescription
    assert made.ImageComments == "The file was damaged: of 63 pictures 3 are missing."
    kept = dataset(full(comments="Seen at 9:30."), stream(lost_frames=1))
    assert kept.ImageComments == "Seen at 9:30.\nThe file was damaged: of 61 pictures 1 are missing."
    assert kept.ImageType[0] == "ORIGINAL"


def test_a_part_of_another_is_derived_from_it() -> None:
    before = Reference(VIDEO_ENDOSCOPIC, "1.2.9")
    source = Reference(VIDEO_ENDOSCOPIC, "1.2.8", frames=(3, 60), is_source=True)
    made = dataset(full(references=(source, before), derivation="Frames 3 to 60."), stream())
    assert (made.ImageType[0], made.DerivationDescription) == ("DERIVED", "Frames 3 to 60.")
    assert made.SourceImageSequence[0].ReferencedFrameNumber == [3, 60]
    assert made.SourceImageSequence[0].PurposeOfReferenceCodeSequence[0].CodeValue == "121322"
    assert made.ReferencedImageSequence[0].ReferencedSOPInstanceUID == "1.2.9"


@pytest.mark.parametrize(
    ("said", "steps", "covers_all", "written"),
    [
        (BurnedIn.UNKNOWN, (), False, None),
        (BurnedIn.UNKNOWN, ("mask",), False, None),
        (BurnedIn.UNKNOWN, ("mask",), True, "NO"),
        (BurnedIn.UNKNOWN, (), True, None),  # a template that was not painted
        (BurnedIn.YES, ("mask",), False, "YES"),
        (BurnedIn.YES, ("mask",), True, "NO"),
        (BurnedIn.NO, (), False, "NO"),
    ],
)
def test_burned_in_text(said: BurnedIn, steps: tuple[str, ...], covers_all: bool, written: str | None) -> None:
    metadata = Metadata(seed="s", burned_in=said, masks_cover_all=covers_all)
    made = dataset(metadata, stream(path=Path.TRANSCODE, steps=steps))
    assert made.get("BurnedInAnnotation") == written
    assert ("DeidentificationMethodCodeSequence" in made) == (bool(steps) and covers_all)
    assert made.get("PatientIdentityRemoved") == ("NO" if steps else None)


@pytest.mark.parametrize(
    ("path", "metadata", "sound", "methods"),
    [
        (Path.REMUX, ("location",), None, ["Container's metadata and stream's user data removed", "Sound removed"]),
        (Path.PASSTHROUGH, (), ("aac", 48000, 2), None),
        (Path.REMUX, (), None, "Sound removed"),
    ],
)
def test_what_was_taken_out_is_said(path: Path, metadata: Any, sound: Any, methods: Any) -> None:
    made = dataset(BARE, stream(path=path, probe=probe(metadata=metadata), sound=sound))
    assert made.get("DeidentificationMethod") == methods


def test_user_data_that_was_removed_is_said() -> None:
    made = dataset(Metadata(seed="s", is_user_data_removed=True), stream())
    assert made.DeidentificationMethod == "Container's metadata and stream's user data removed"


def test_a_synchronised_camera_is_one_of_a_procedure() -> None:
    clock = Synchronization("1.2.3.5")
    made = dataset(Metadata(seed="s", synchronization=clock), stream())
    assert (made.SynchronizationTrigger, made.AcquisitionTimeSynchronized) == ("NO TRIGGER", "N")
    assert "TimeSource" not in made
    assert "SynchronizationFrameOfReferenceUID" not in dataset(BARE, stream())


def test_the_file_says_its_length(tmp_path: File) -> None:
    held = dcmread(write(tmp_path / "x.dcm", full(), stream()))
    assert held.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.4.102"
    assert held.file_meta.MediaStorageSOPInstanceUID == held.SOPInstanceUID
    assert held.EncapsulatedPixelDataValueTotalLength == SIZE
    assert held["EncapsulatedPixelDataValueTotalLength"].VR == "UV"
    assert len(held.PixelData) == 8 + 8 + SIZE + 1


def test_jpegs_have_a_table_of_offsets(tmp_path: File) -> None:
    spans = ((0, 11), (11, 20), (31, 5))
    made = stream("50", Path.WRAP_JPEG, spans=spans, frames=3, sound=None)
    held = dcmread(write(tmp_path / "x.dcm", full(), made))
    assert list(memoryview(held.ExtendedOffsetTable).cast("Q")) == [0, 20, 48]
    assert list(memoryview(held.ExtendedOffsetTableLengths).cast("Q")) == [11, 20, 5]
    assert "EncapsulatedPixelDataValueTotalLength" not in held


def test_nothing_in_a_plan_is_left_out_of_the_words() -> None:
    steps = ("rotate", "square", "deinterlace", "scale", "rate", "mask", "420", "recover")
    made = transcoded(steps=steps)
    assert made.DerivationDescription.count(",") == len(steps) - 1


def test_long_texts_are_refused_by_their_place() -> None:
    with pytest.raises(Refused, match=r"patient\.name"):
        dataset(full(patient=Patient(name="x" * 65)), stream())
