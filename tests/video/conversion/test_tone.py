"""High dynamic range as an ordinary screen shows it."""

from pathlib import Path

import av
import numpy as np
import pytest

from apps.video.conversion import tone
from apps.video.conversion.policy import Policy
from tests.video.clips import clip
from tests.video.conversion.stored import made_of, pictures


def pq(nits: float) -> float:
    """BT.2100's inverse EOTF."""
    part = (nits / 10000) ** 0.1593017578125
    return float(((0.8359375 + 18.8515625 * part) / (1 + 18.6875 * part)) ** 78.84375)


@pytest.mark.parametrize("transfer", [tone.PQ, tone.HLG])
def test_grey_stays_grey_and_brighter_stays_brighter(transfer: int) -> None:
    steps = np.linspace(0, 1, 65)
    found = tone.shown(np.stack([steps] * 3, axis=-1), transfer)
    assert np.ptp(found, axis=-1).max() < 0.01
    assert (np.diff(found[:, 1]) >= 0).all()
    assert found[0].max() < 0.001
    assert found[-1].min() > 0.9


def test_dark_tones_keep_their_contrast() -> None:
    dark = tone.shown(np.array([[pq(nits)] * 3 for nits in (20.3, 40.6)]), tone.PQ)[:, 1] ** 2.4
    assert dark == pytest.approx([0.1, 0.2], rel=0.02)


def test_a_film_is_toned(tmp_path: Path) -> None:
    options = {"x264-params": "colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc", "preset": "ultrafast"}
    source = clip("hdr.mp4", size=(160, 120), frames=4, pixel_format="yuv420p10le", options=options)
    made = made_of(source, tmp_path, Policy(hardware=False))
    first = next(pictures(made))
    assert (first.format.name, first.colorspace, first.color_trc, first.color_primaries) == ("yuv420p", 1, 1, 1)
    with av.open(str(source)) as file:
        coded = next(file.decode(video=0)).to_ndarray()[:120] / 4
    expected = 16 + 219 * tone.shown(np.stack([(coded - 16) / 219] * 3, axis=-1), tone.PQ)[..., 1]
    assert np.abs(first.to_ndarray()[:120] - expected).mean() < 3
    assert not list(tmp_path.glob("*.cube"))
