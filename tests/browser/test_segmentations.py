"""Segmentations both ways: those of an analysis over their images in the viewer, and what a person edits there."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import pytest
from playwright.sync_api import BrowserContext

from tests.browser import site, studies
from tests.browser.drawing import Drawing, Segmented
from tests.browser.viewer import Viewer

SKULL: Final = studies.skull()
ENCODINGS: Final = ("labelmap", "binary")
EDITING: Final = "/viewer/segmentation?StudyInstanceUIDs="


@dataclass(frozen=True, slots=True)
class Bone:
    """The bone of a skull, segmented by an analysis for each encoding. `voxel` is in millilitres."""

    server: site.Site
    analyses: dict[str, dict[str, Any]]
    voxel: float

    def rows(self) -> list[dict[str, Any]]:
        """The segmentations of the study, the newest first."""
        found: list[dict[str, Any]] = self.server.ask(f"/api/segmentations?study={SKULL.uid}")["results"]
        return found

    def pixels(self, analysis: dict[str, Any]) -> dict[int, int]:
        """How many each segment has, as the analysis tells."""
        segments = analysis["summary"]["segments"]
        return {segment["number"]: round(segment["volumeMl"] / self.voxel) for segment in segments}


@pytest.fixture(scope="module")
def bone(server: site.Site) -> Iterator[Bone]:
    server.store(SKULL.files)
    (volume,) = server.ask(f"/api/volumes?study={SKULL.uid}")["results"]
    across, down, along = volume["spacing"]
    with server.working():
        analyses = {
            encoding: server.analysed(
                SKULL.uid, "segmentation", volume=volume["id"], segmenter="bone", encoding=encoding
            )
            for encoding in ENCODINGS
        }
        yield Bone(server, analyses, across * down * along / 1000)


@dataclass(frozen=True, slots=True)
class Shown:
    """What the viewer shows of a segmentation, and whether its picture is another one since."""

    segmented: Segmented
    is_drawn: bool


@pytest.fixture(scope="module")
def shown(bone: Bone, profile: BrowserContext) -> dict[str, Shown]:
    """Each of them by itself, as a link to its series opens it."""
    return {encoding: opened(profile, bone.server, bone.analyses[encoding]) for encoding in ENCODINGS}


def opened(profile: BrowserContext, server: site.Site, analysis: dict[str, Any]) -> Shown:
    viewer = Viewer(profile.new_page(), server.url)
    (before,) = viewer.open_study(SKULL.uid)
    drawing = Drawing(viewer)
    drawing.open_series(next(uid for uid in analysis["seriesInstanceUids"]))
    (segmented,) = drawing.segmented()
    (after,) = viewer.settled()
    viewer.page.close()
    assert not viewer.problems
    return Shown(segmented, after != before)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_segmentation_lies_over_its_images(bone: Bone, shown: dict[str, Shown], encoding: str) -> None:
    analysis, found = bone.analyses[encoding], shown[encoding]
    assert found.is_drawn
    assert found.segmented.pixels == bone.pixels(analysis)
    assert list(found.segmented.segments.values()) == [each["label"] for each in analysis["summary"]["segments"]]
