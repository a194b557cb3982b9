"""Measuring and segmenting in OHIF, as people do: by the mouse in an image, and by what stands in its panels."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from playwright.sync_api import Response

from tests.browser.viewer import Viewer, stores

Point = tuple[float, float]
Points = Sequence[Point]

# Where places in the image in front are on the screen: (column, row), with (0.5, 0.5) the middle of the first pixel.
ON_SCREEN: Final = """
points => {
  const [viewport] = cornerstone.getRenderingEngines()[0].getViewports();
  const image = cornerstone.metaData.get('instance', viewport.getCurrentImageId());
  const [between, along] = image.PixelSpacing;
  const [x, y] = [image.ImageOrientationPatient.slice(0, 3), image.ImageOrientationPatient.slice(3)];
  const { left, top } = viewport.canvas.getBoundingClientRect();
  return points.map(([column, row]) => {
    const place = image.ImagePositionPatient.map((origin, axis) =>
      Number(origin) + (column - 0.5) * along * x[axis] + (row - 0.5) * between * y[axis]);
    const [u, v] = viewport.worldToCanvas(place);
    return [left + u, top + v];
  });
}
"""
# What OHIF has measured: of each its tool, its name, whether its numbers stand, and all of them.
MEASURED: Final = """
() => services.measurementService.getMeasurements().map(({ uid, toolName, label }) => {
  const annotation = cornerstoneTools.annotation.state.getAnnotation(uid);
  const [found] = Object.values(annotation?.data.cachedStats ?? {});
  const numbers = Object.entries(found ?? {}).filter(([, value]) => typeof value === 'number');
  return { tool: toolName, label: label ?? '',
    settled: toolName === 'ArrowAnnotate' || annotation?.invalidated !== true,
    numbers: Object.fromEntries(numbers), trackingUid: annotation?.data.trackingUID ?? '' };
})
"""
IMAGE: Final = "() => cornerstone.getRenderingEngines()[0].getViewports()[0].getCurrentImageId()"
# What OHIF has made of the first series of a modality that is one of these.
DISPLAY_SET: Final = """
([modality, series]) => services.displaySetService.getActiveDisplaySets()
  .find(set => set.Modality === modality && series.includes(set.SeriesInstanceUID))?.displaySetInstanceUID
"""
# Of each segmentation that is loaded: its name, its segments, and how many pixels each has in each image.
SEGMENTED: Final = """
() => services.segmentationService.getSegmentations().map(({ label, segments, representationData }) => ({
  label,
  segments: Object.fromEntries(Object.values(segments).map(segment => [segment.segmentIndex, segment.label])),
  pixels: (representationData.Labelmap.imageIds ?? []).map(id => {
    const counts = {};
    const image = cornerstone.cache.getImage(id);
    for (const label of image.getPixelData()) if (label) counts[label] = (counts[label] ?? 0) + 1;
    return [image.referencedImageId, counts];
  }),
}))
"""
IN_MENU: Final = frozenset({"Probe", "Angle", "CobbAngle"})


@dataclass(frozen=True, slots=True)
class Measured:
    """What OHIF shows of a measurement; `numbers` are by its own names."""

    tool: str
    label: str
    numbers: dict[str, float]
    tracking_uid: str


@dataclass(frozen=True, slots=True)
class Segmented:
    """A segmentation that OHIF shows: its segments by number, and how many pixels each of them has."""

    label: str
    segments: dict[int, str]
    pixels: dict[int, int]


class Drawing:
    """Drawing in the first viewport of a page of the viewer."""

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = viewer
        self.page = viewer.page

    def places(self, points: Points) -> list[list[float]]:
        found: list[list[float]] = self.page.evaluate(ON_SCREEN, [list(point) for point in points])
        return found

    def choose(self, tool: str) -> None:
        """From the menus of tools."""
        menu = "MoreTools" if tool in IN_MENU else "MeasurementTools"
        self.page.locator(f'[data-cy="{menu}-split-button-secondary"]').click()
        self.page.locator(f'[data-radix-popper-content-wrapper] [data-cy="{tool}"]').click()

    def drag(self, points: Points) -> None:
        mouse = self.page.mouse
        first, *others = self.places(points)
        mouse.move(*first)
        mouse.down()
        for place in others:
            mouse.move(*place, steps=4)
        mouse.up()

    def click(self, points: Points) -> None:
        """One after the other, slowly enough that no two are a double click."""
        for place in self.places(points):
            self.page.mouse.move(*place)
            self.page.mouse.click(*place)
            self.page.wait_for_timeout(500)

    def measured(self, count: int) -> list[Measured]:
        """What has been measured, once it is so many and all their numbers stand."""

        def found() -> list[Measured]:
            rows: list[dict[str, Any]] = self.page.evaluate(MEASURED)
            if len(rows) < count or not all(row["settled"] for row in rows):
                return []
            return [Measured(row["tool"], row["label"], row["numbers"], row["trackingUid"]) for row in rows]

        return self.viewer.until(found)

    def image(self) -> str:
        """The SOP Instance UID of the image in front."""
        return str(self.page.evaluate(IMAGE)).split("/instances/")[1].split("/")[0]

    def open_measurements(self) -> None:
        """The panel of measurements. Where it takes the images' place, some are measured anew."""
        self.page.locator('[data-cy="trackedMeasurements-btn"]').click()
        self.viewer.settled()

    def save_report(self) -> Response:
        """From the panel of measurements."""
        self.page.get_by_role("button", name="Create SR").first.click()
        return self._save()

    def open(self, modality: str, series_uids: Sequence[str]) -> None:
        """Open that series of these which has no pictures, a report or a segmentation: its marks are shown at once."""
        display_set = self.viewer.until(lambda: self.page.evaluate(DISPLAY_SET, [modality, list(series_uids)]))
        self.page.locator(f'[id="thumbnail-{display_set}"]').dblclick()

    def segmented(self, count: int = 1) -> list[Segmented]:
        """The segmentations, once so many are shown."""

        def found() -> list[Segmented]:
            rows: list[dict[str, Any]] = self.page.evaluate(SEGMENTED)
            return [_segmented(row) for row in rows] if len(rows) >= count else []

        return self.viewer.until(found)

    def brush(self, points: Points) -> None:
        self.page.locator('[data-cy="Brush-btn"]').click()
        self.drag(points)

    def save_segmentation(self) -> Response:
        self.page.locator('[data-cy="segmentation-collapsed-more-btn-Labelmap"]').click()
        self.page.get_by_role("menuitem", name="Export").click()
        self.page.get_by_role("menuitem", name="DICOM SEG").click()
        return self._save()

    def _save(self) -> Response:
        with self.page.expect_response(stores) as caught:
            self.page.get_by_role("button", name="Save", exact=True).first.click()
        return caught.value


def _segmented(row: dict[str, Any]) -> Segmented:
    pixels: dict[int, int] = {}
    for _, counts in row["pixels"]:
        for number, count in counts.items():
            pixels[int(number)] = pixels.get(int(number), 0) + count
    return Segmented(row["label"], {int(number): label for number, label in row["segments"].items()}, pixels)
