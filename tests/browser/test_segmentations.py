"""Segmentations both ways: those of an analysis over their images in the viewer, and what a person edits there."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser import site, studies
from tests.browser.drawing import Drawing
from tests.browser.viewer import Viewer

SKULL: Final = studies.skull()
ENCODINGS: Final = ("labelmap", "binary")
EDITING: Final = "/viewer/segmentation?StudyInstanceUIDs="


@dataclass(frozen=True, slots=True)
class Bone:
    """The bone of a skull, segmented by an analysis for each encoding."""

    server: site.Site
    analyses: dict[str, dict[str, Any]]

    def rows(self) -> list[dict[str, Any]]:
        """The segmentations of the study, the newest first."""
        found: list[dict[str, Any]] = self.server.ask(f"/api/segmentations?study={SKULL.uid}")["results"]
        return found


@pytest.fixture(scope="module")
def bone(server: site.Site) -> Iterator[Bone]:
    server.store(SKULL.files)
    with server.working():
        asked = {"volume": volume_of(server), "segmenter": "bone"}
        yield Bone(
            server,
            {
                encoding: server.analysed(SKULL.uid, "segmentation", **asked, encoding=encoding)
                for encoding in ENCODINGS
            },
        )


def volume_of(server: site.Site) -> int:
    (volume,) = server.ask(f"/api/volumes?study={SKULL.uid}")["results"]
    return int(volume["id"])


def voxels_of(analysis: dict[str, Any]) -> dict[int, int]:
    """How many each segment has, as the analysis tells."""
    return {segment["number"]: segment["voxels"] for segment in analysis["summary"]["segments"]}


@pytest.fixture
def drawing(profile: BrowserContext, server: site.Site) -> Iterator[Drawing]:
    viewer = Viewer(profile.new_page(), server.url)
    yield Drawing(viewer)
    viewer.page.close()
    assert not viewer.problems


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_segmentation_lies_over_its_images(bone: Bone, drawing: Drawing, encoding: str) -> None:
    analysis = bone.analyses[encoding]
    (before,) = drawing.viewer.open_study(SKULL.uid)
    drawing.open("SEG", analysis["seriesInstanceUids"])
    (shown,) = drawing.segmented()
    assert shown.pixels == voxels_of(analysis)
    assert list(shown.segments.values()) == [segment["label"] for segment in analysis["summary"]["segments"]]
    assert drawing.viewer.settled() != [before]


def test_the_report_of_a_segmentation_is_read_as_text(bone: Bone, drawing: Drawing) -> None:
    """What it measures lies nowhere in the images."""
    analysis = bone.analyses["binary"]
    drawing.viewer.open_study(SKULL.uid)
    drawing.open("SR", analysis["seriesInstanceUids"])
    report = drawing.viewer.pane()
    expect(report).to_contain_text("Measurement Group")
    expect(report).to_contain_text(f"Volume: {int(analysis['summary']['segments'][0]['volumeMl'])}.")


def test_an_edited_segmentation_comes_back(bone: Bone, drawing: Drawing) -> None:
    """It is known for what it was, and can be measured anew."""
    analysis = bone.analyses["labelmap"]
    original = next(row for row in bone.rows() if row["seriesInstanceUid"] in analysis["seriesInstanceUids"])
    drawing.page.goto(f"{drawing.viewer.url}{EDITING}{SKULL.uid}")
    drawing.viewer.settled()
    drawing.open("SEG", analysis["seriesInstanceUids"])
    drawing.segmented()
    drawing.viewer.settled()
    drawing.brush([(46, 46), (50, 50)])
    painted = drawing.viewer.until(lambda: changed(drawing, voxels_of(analysis)))
    assert sum(painted.values()) > sum(voxels_of(analysis).values())
    assert drawing.save_segmentation().status == 200

    edited = bone.rows()[0]
    assert edited["editedFrom"] == original["id"]
    assert not any(segment["algorithm"]["isAutomatic"] for segment in edited["segments"])
    told = ("number", "label", "category", "type", "trackingUid", "trackingIdentifier", "colour")
    assert [[segment[name] for name in told] for segment in edited["segments"]] == [
        [segment[name] for name in told] for segment in original["segments"]
    ]
    measured = bone.server.analysed(
        SKULL.uid, "segment-statistics", volume=volume_of(bone.server), segmentation=edited["id"]
    )
    assert voxels_of(measured) == painted


def changed(drawing: Drawing, before: dict[int, int]) -> dict[int, int]:
    """The pixels of each segment, once they are others."""
    (segmented,) = drawing.segmented()
    return segmented.pixels if segmented.pixels != before else {}
