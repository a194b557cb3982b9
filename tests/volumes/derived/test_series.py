"""The kinds that store planes and panoramics: asked for, run, stored, and read back."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client
from numpy.typing import NDArray

from apps.accounts.models import Practice, User
from apps.accounts.principal import Principal
from apps.analysis import asking, kinds
from apps.analysis.kinds import Run
from apps.analysis.models import Analysis
from apps.archive.models import Series
from apps.core.errors import Invalid
from apps.jobs.handle import Cancelled
from apps.volumes.cache import opened
from apps.volumes.curves.arch import Arch, curve
from apps.volumes.derived import parameters, series
from apps.volumes.finding import volumes_of
from apps.volumes.geometry.flags import Flag
from apps.volumes.geometry.voxels import Voxels
from apps.volumes.models import Volume
from apps.volumes.resampling.planes import Orientation
from apps.volumes.resampling.reformatting import reformat
from apps.volumes.resampling.standard import planes_of
from tests.volumes.derived.runs import asked, made
from tests.volumes.derived.samples import values_of
from tests.volumes.series import enhanced_ct
from tests.volumes.stored import store, stored_volume

SHAPE = (12, 20, 24)
VALUES = np.random.default_rng(4).integers(-1000, 2000, SHAPE, np.int16)
SPACING = (2.0, 0.6, 0.7)
ARCH = [[-16.0, -22.0], [-12.0, -27.0], [-7.0, -22.5]]


@pytest.fixture
def volume(practice: Practice) -> Volume:
    return stored_volume(practice, VALUES, spacing=SPACING, SeriesDescription="Jaw, thin")


def ends(voxels: Voxels) -> NDArray[np.float64]:
    """The volume's corners, whichever of its voxels they are."""
    return np.array(sorted(voxels.lattice.corners.round(7).tolist()))


@pytest.mark.parametrize("orientation", Orientation)
def test_planes_are_a_volume_again(user: User, volume: Volume, orientation: Orientation) -> None:
    [images] = made(asked(user, "planes", volume=volume.pk, orientation=orientation.value))
    [again] = volumes_of(Series.objects.get(series_instance_uid=images[0].SeriesInstanceUID))
    voxels = opened(volume)
    planes = planes_of(voxels.lattice, orientation)
    expected = [reformat(voxels, planes.plane(index)) for index in range(planes.count)]
    assert np.array_equal([values_of(image) for image in images], expected)
    assert again.flags == []
    assert ends(opened(again)) == pytest.approx(ends(voxels), abs=1e-6)
    assert {image.SeriesDescription for image in images} == {f"{orientation.value.capitalize()}: Jaw, thin"}


def test_a_slab_of_oblique_planes(user: User, volume: Volume) -> None:
    row = asked(
        user, "planes", volume=volume.pk, orientation="oblique", normal=[0.0, 0.8, 0.6], interval=5, slab=4,
        projection="mean",
    )  # fmt: skip
    [images] = made(row)
    normal = np.cross(images[0].ImageOrientationPatient[:3], images[0].ImageOrientationPatient[3:])
    assert normal == pytest.approx([0, 0.8, 0.6])
    steps = np.diff([image.ImagePositionPatient for image in images], axis=0)
    assert steps == pytest.approx(np.tile([0, 4.0, 3.0], (len(images) - 1, 1)))
    assert {(float(image.SliceThickness), float(image.SpacingBetweenSlices)) for image in images} == {(4, 5)}
    told = row.summary["series"]
    assert told == [
        {
            "seriesInstanceUid": images[0].SeriesInstanceUID,
            "description": "Oblique mean 4 mm: Jaw, thin",
            "images": len(images),
        }
    ]


def test_a_rerun_replaces(user: User, volume: Volume) -> None:
    row = asked(user, "planes", volume=volume.pk, interval=4)
    first = made(row)
    again = asking.rerun(Principal.of(user), row)
    assert again.is_started
    second = made(again.analysis)
    assert [[image.SOPInstanceUID for image in images] for images in first] == [
        [image.SOPInstanceUID for image in images] for images in second
    ]
    assert Series.objects.count() == 2


def test_flags_travel(user: User, practice: Practice) -> None:
    positions = [0, 2, 4, 6, 9, 12]
    [volume] = [stored_volume(practice, VALUES[:6], positions=positions)]
    row = asked(user, "planes", volume=volume.pk, orientation="axial")
    [images] = made(row)
    assert Flag.UNEVEN_SPACING in row.flags
    assert not row.is_quantifiable
    assert all("Not quantifiable: uneven-spacing" in image.ImageComments for image in images)
    assert all("SpacingBetweenSlices" not in image for image in images)


def test_flags_travel_into_what_is_made_of_what_was_made(user: User, practice: Practice) -> None:
    volume = stored_volume(practice, VALUES[:6], positions=[0, 2, 4, 8, 10, 12], tilt=10)
    [images] = made(asked(user, "planes", volume=volume.pk, orientation="coronal"))
    [again] = volumes_of(Series.objects.get(series_instance_uid=images[0].SeriesInstanceUID))
    assert again.flags == [Flag.MISSING_SLICES]
    assert not again.is_quantifiable


def test_a_panoramic_with_cross_sections(user: User, volume: Volume) -> None:
    row = asked(
        user, "panoramic", volume=volume.pk, arch=ARCH, z=50, top=60, bottom=42, thickness=3, spacing=0.5, interval=4,
        width=6,
    )  # fmt: skip
    [panoramic], sections = made(row)
    length = curve(Arch(tuple((x, y) for x, y in ARCH), 50), 0.5).length
    assert (panoramic.Rows, panoramic.Columns) == (37, int(length / 0.5) + 1)
    assert panoramic.PixelSpacing == [0.5, 0.5]
    assert len(sections) == int(length / 4) + 1
    assert sections[0].ImageOrientationPatient[3:] == [0, 0, -1]
    middle = np.array(sections[0].ImagePositionPatient) + 3 * np.array(sections[0].ImageOrientationPatient[:3])
    assert middle == pytest.approx([-16, -22, 60], abs=1e-6)
    assert row.summary["length"] == pytest.approx(length)
    assert row.summary["places"] == [4.0 * number for number in range(len(sections))]
    assert row.summary["isProposed"] is False


def test_of_an_enhanced_object(user: User, practice: Practice) -> None:
    [volume] = volumes_of(store(practice, [enhanced_ct(VALUES, spacing=SPACING)]))
    [images] = made(asked(user, "planes", volume=volume.pk, orientation="axial"))
    assert {image.SOPClassUID.name for image in images} == {"CT Image Storage"}
    assert [image.SourceImageSequence[0].ReferencedFrameNumber for image in images[1:]] == list(range(2, 13))
    assert np.array_equal(values_of(images[3]), VALUES[3])


def test_of_a_corrected_patient(user: User, volume: Volume, client: Client) -> None:
    patient = Series.objects.get().study.patient_id
    body = {"patientName": "Roe^Jane", "reason": "misspelt"}
    response = client.patch(f"/api/patients/{patient}", body, content_type="application/json")
    assert response.status_code == 200, response.content
    [images] = made(asked(user, "planes", volume=volume.pk, interval=6))
    assert {str(image.PatientName) for image in images} == {"Roe^Jane"}


@pytest.mark.parametrize(
    ("kind", "given", "where"),
    [
        ("planes", {"volume": 99}, "parameters.volume"),
        ("planes", {"volume": 0}, "parameters.volume"),
        ("planes", {"orientation": "oblique"}, "parameters.normal"),
        ("planes", {"orientation": "oblique", "normal": [0, 0.1, 0]}, "parameters.normal"),
        ("planes", {"orientation": "axial", "normal": [0, 0, 1]}, "parameters.normal"),
        ("planes", {"interval": 0.01}, "parameters.interval"),
        ("planes", {"slab": 1e9}, "parameters.slab"),
        ("panoramic", {"arch": [[0, 0], [1, 1]], "z": 0}, "parameters.arch"),
        ("panoramic", {"arch": [[5, 0], [0, 3], [-5, 0]], "z": 50}, "parameters.arch"),
        ("panoramic", {"arch": ARCH}, "parameters.z"),
        ("panoramic", {"arch": ARCH, "z": 50, "top": 1, "bottom": 2}, "parameters.top"),
        ("panoramic", {"arch": ARCH, "z": 50, "top": 10, "bottom": 9.99}, "parameters.arch"),
    ],
)
def test_what_can_not_be_made(user: User, volume: Volume, kind: str, given: dict[str, Any], where: str) -> None:
    with pytest.raises(Invalid) as refused:
        asked(user, kind, **{"volume": volume.pk, **given})
    assert [name.rpartition(".")[0] if name.endswith(".0") else name for name, _ in refused.value.errors] == [where]
    assert not Analysis.objects.exists()


def test_too_many_images(user: User, practice: Practice) -> None:
    volume = stored_volume(practice, VALUES[:4, :8, :8], spacing=(90.0, 1.0, 1.0))
    with pytest.raises(Invalid) as refused:
        asked(user, "planes", volume=volume.pk, orientation="axial", interval=0.1)
    assert [name for name, _ in refused.value.errors] == ["parameters.interval"]


def test_volumes_of_other_studies_are_none(user: User, practice: Practice, volume: Volume) -> None:
    other = stored_volume(practice, VALUES[:4], study_uid="2.25.1", series_uid="2.25.2")
    with pytest.raises(Invalid):
        asked(user, "planes", volume=other.pk)
    assert [value for value, _ in kinds.every()[0].choices(volume.series.study)["volume"]] == [volume.pk]


def test_it_stops_when_cancelled(volume: Volume, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []

    def tell(done: int, total: int, text: str = "") -> None:
        told.append((done, total))
        if len(list(tmp_path.iterdir())) == 3:
            raise Cancelled

    values = parameters.PlanesParameters(data={"volume": volume.pk})
    values.is_valid(raise_exception=True)
    study = volume.series.study
    given = dict(values.validated_data)
    run = Run(study, given, series.planes_inputs(study, given), "a seed", tmp_path, tell)
    with pytest.raises(Cancelled):
        series.make_planes(run)
    assert len(list(tmp_path.iterdir())) == 3
    assert told == sorted(told)


def test_bounds_agree_with_the_curves() -> None:
    from apps.volumes.curves import arch, crossing, panoramic

    assert parameters.POINTS == (arch.FEWEST_POINTS, arch.MOST_POINTS)
    assert (parameters.FARTHEST, parameters.SPACINGS[0]) == (arch.FARTHEST, arch.FINEST_SPACING)
    assert (parameters.WIDEST, parameters.SPACINGS[1]) == (crossing.WIDEST, crossing.COARSEST_SPACING)
    assert parameters.THICKEST_LAYER == panoramic.THICKEST
