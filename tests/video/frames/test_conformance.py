"""What dciodvfy says of stills and clips: of films that say all there is to say, and of one that says next to nothing.

The only false alarms are those of the videos that they are made of.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from django.test import Client

from apps.accounts.models import Practice
from apps.accounts.principal import Principal
from apps.archive import retrieve
from apps.archive.models import Instance
from apps.video.conversion.converting import convert
from apps.video.conversion.policy import Policy
from apps.video.frames import stills
from apps.video.objects.metadata import Metadata
from tests.video.clips import clip
from tests.video.frames.test_frames import FILM, asked, done, stored
from tests.video.objects.samples import full
from tests.video.objects.validator import errors

BARE = Metadata(seed="a film", preset="endoscopy")
FILMS = {
    "endoscopy": (full(preset="endoscopy"), stills.VL_ENDOSCOPIC),
    "microscopy": (full(preset="microscopy"), stills.VL_MICROSCOPIC),
    "photography": (full(preset="photography", synchronization=None), stills.VL_PHOTOGRAPHIC),
    "bare": (BARE, stills.VL_ENDOSCOPIC),
}


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], bytes]:
    """The file of a film by its name, made once."""

    @cache
    def made(name: str) -> bytes:
        target = tmp_path_factory.mktemp("film") / "film.dcm"
        convert(clip("frames.mp4", **FILM), target, FILMS[name][0], Policy())
        return target.read_bytes()

    return made


def written(practice: Practice, uid: str, target: Path) -> Path:
    """The stored object, as it is sent."""
    row = Instance.objects.select_related("series__study").get(sop_instance_uid=uid)
    [found] = retrieve.instances(Principal.worker(practice.pk), row.series.study.study_instance_uid, sop=uid)
    target.write_bytes(retrieve.read_file(found))
    return target


@pytest.mark.django_db
@pytest.mark.parametrize("name", FILMS)
def test_stills(client: Client, practice: Practice, films: Callable[[str], bytes], name: str, tmp_path: Path) -> None:
    [still] = done(asked(client, stored(practice, films(name)), "stills", frames=[17]))["stills"]
    assert Instance.objects.get(sop_instance_uid=still["sopInstanceUid"]).sop_class_uid == FILMS[name][1]
    assert errors(written(practice, still["sopInstanceUid"], tmp_path / "still.dcm")) == []


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["endoscopy", "bare"])
def test_clips(client: Client, practice: Practice, films: Callable[[str], bytes], name: str, tmp_path: Path) -> None:
    part = done(asked(client, stored(practice, films(name)), "clips", **{"from": 0.6, "to": 1.2}))
    assert errors(written(practice, part["sopInstanceUid"], tmp_path / "clip.dcm")) == []
