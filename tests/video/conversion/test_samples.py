"""Files of many origins, of the folders `video` and `video-synth` of what FOVEA_TEST_SAMPLES names, where it is set:

every one becomes an object, or is refused with the right reason.
"""

import os
from pathlib import Path

import pytest

from apps.video.errors import Code, Refused
from tests.video.conversion.stored import digest_of, made_of

FOLDER = os.environ.get("FOVEA_TEST_SAMPLES", "")
FILES = [path for name in ("video", "video-synth") for path in sorted(Path(FOLDER, name).glob("*"))] if FOLDER else []
REFUSED = {
    "audio_only.m4a": Code.NO_PICTURES,
    "text_named.mp4": Code.NOT_A_VIDEO,
    "truncated_no_moov.mp4": Code.DAMAGED,
    "zero_length.mp4": Code.EMPTY,
}


@pytest.mark.skipif(not FILES, reason="FOVEA_TEST_SAMPLES names no folder of samples")
@pytest.mark.parametrize("source", FILES, ids=[path.name for path in FILES])
def test_converts_or_is_refused_with_its_reason(source: Path, tmp_path: Path) -> None:
    if source.name in REFUSED:
        with pytest.raises(Refused) as refused:
            made_of(source, tmp_path)
        assert refused.value.code is REFUSED[source.name]
        assert list(tmp_path.iterdir()) == []
        return
    made = made_of(source, tmp_path)
    count, _ = digest_of(made)
    assert made.dataset.NumberOfFrames == count
