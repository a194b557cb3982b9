"""`manage.py volumes …`: which volumes there are, and planes of them, from the command line."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.db.models import F, Q
from tqdm import tqdm

from apps.archive.models import Series
from apps.core.errors import FoveaError
from apps.volumes import drawing
from apps.volumes.api.pixels import square_spacing
from apps.volumes.cache import opened
from apps.volumes.finding import several_images, survey_of, volumes_of
from apps.volumes.geometry.stacks import Reason
from apps.volumes.geometry.wording import flag_text, reason_text
from apps.volumes.lattices import lattice_of
from apps.volumes.looks import look_at, window_of
from apps.volumes.models import Volume
from apps.volumes.resampling.planes import Orientation, Projection, Slab
from apps.volumes.resampling.reformatting import reformat
from apps.volumes.resampling.standard import planes_of

ENDINGS: Final = {".png": drawing.png, ".jpg": drawing.jpeg, ".jpeg": drawing.jpeg}
MOST_SERIES: Final = 1000


class Command(BaseCommand):
    help = "Which volumes the stored series make, and planes of them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        listed = actions.add_parser("list", help="Show the volumes of a study or a series, and what is in none.")
        listed.add_argument("uid", metavar="UID", help="Study or Series Instance UID.")
        actions.add_parser("find", help="Look for volumes in all series that nobody has looked at as they are now.")
        built = actions.add_parser("build", help="Read volumes into the cache.")
        built.add_argument("volumes", nargs="+", type=int, metavar="VOLUME", help="Numbers, as list shows them.")
        _add_plane(actions.add_parser("plane", help="Draw a plane along the patient's axes."))

    def handle(self, *_: str, **options: Any) -> None:
        try:
            getattr(self, f"_do_{options['action']}")(options)
        except (FoveaError, ValueError) as error:
            raise CommandError(str(error)) from error

    def _do_list(self, options: dict[str, Any]) -> None:
        named = Q(series_instance_uid=options["uid"]) | Q(study__study_instance_uid=options["uid"])
        found = list(Series.objects.filter(named).select_related("study__practice")[:MOST_SERIES])
        if not found:
            raise CommandError(f"There is no study or series {options['uid']}.")
        for series in found:
            self._list(series)

    def _list(self, series: Series) -> None:
        practice = series.study.practice
        self.stdout.write(f"{series.series_instance_uid} {series.modality} {series.series_description} ({practice})")
        for volume in volumes_of(series):
            self.stdout.write(f"  {_told(volume)}")
            for flag in volume.known_flags:
                self.stdout.write(f"    {flag_text(flag)}")
        for reason, count in survey_of(series).left_out.items():
            self.stdout.write(f"  {reason_text(Reason(reason), count)}")

    def _do_find(self, _: dict[str, Any]) -> None:
        unseen = several_images(Series.objects.exclude(volume_survey__version=F("version"))).order_by("pk")
        pks = list(unseen.values_list("pk", flat=True))
        count = 0
        for pk in tqdm(pks, unit="series", disable=None):
            series = Series.objects.filter(pk=pk).first()
            count += len(volumes_of(series)) if series else 0
        self.stdout.write(f"{count} volumes in {len(pks)} series.")

    def _do_build(self, options: dict[str, Any]) -> None:
        for pk in options["volumes"]:
            volume = _volume(pk)
            _build(volume)
            self.stdout.write(f"{_told(volume)}: ready")

    def _do_plane(self, options: dict[str, Any]) -> None:
        output: Path = options["output"]
        if output.suffix.lower() not in ENDINGS:
            raise CommandError(f"--output ends in one of {', '.join(ENDINGS)}.")
        volume = _volume(options["volume"])
        image = _drawn(volume, options)
        output.write_bytes(ENDINGS[output.suffix.lower()](image))
        self.stdout.write(f"{output}: {image.shape[1]} x {image.shape[0]}")


def _add_plane(parser: ArgumentParser) -> None:
    parser.add_argument("volume", type=int, metavar="VOLUME", help="Its number, as list shows it.")
    parser.add_argument("orientation", choices=[each.value for each in Orientation])
    parser.add_argument("--index", type=int, help="From 0; the middle one unless said.")
    parser.add_argument("--slab", type=float, default=0.0, help="Millimetres.")
    parser.add_argument("--projection", choices=[each.value for each in Projection], default=Projection.MAXIMUM.value)
    parser.add_argument("--output", type=Path, required=True, help="A .png or .jpg file.")


def _build(volume: Volume) -> None:
    with tqdm(total=volume.slices, desc=str(volume.pk), unit="slice", disable=None) as bar:

        def tell(done: int, _: int) -> None:
            bar.update(done - bar.n)

        opened(volume, tell=tell)


def _drawn(volume: Volume, options: dict[str, Any]) -> Any:
    voxels, orientation = opened(volume), Orientation(options["orientation"])
    planes = planes_of(voxels.lattice, orientation)
    index = planes.count // 2 if options["index"] is None else options["index"]
    if not 0 <= index < planes.count:
        raise CommandError(f"--index goes from 0 to {planes.count - 1}.")
    planes = planes_of(voxels.lattice, orientation, spacing=square_spacing(planes.plane(index)))
    slab = Slab(options["slab"], Projection(options["projection"])) if options["slab"] else None
    image = reformat(voxels, planes.plane(index), slab)
    return drawing.in_window(image, window_of(volume), is_inverted=look_at(volume).is_inverted)


def _volume(pk: int) -> Volume:
    volume = Volume.objects.select_related("survey__series__study").filter(pk=pk).first()
    if volume is None:
        raise CommandError(f"There is no volume {pk}. Show them with: manage.py volumes list UID")
    return volume


def _told(volume: Volume) -> str:
    lattice = lattice_of(volume)
    spacing = " x ".join(f"{each:.4g}" for each in (lattice.slice_spacing, lattice.row_spacing, lattice.column_spacing))
    size = f"{volume.slices} x {volume.rows} x {volume.columns} voxels of {spacing} mm"
    may = "" if volume.is_quantifiable else ", not quantifiable"
    return f"{volume.pk}: {size}{may} {volume.label}".rstrip()
