"""Films that lie on the disk, and a converter that only seems to convert."""

from pathlib import Path

import pytest

from apps.video import converter
from tests.video.intake.brought import FILM, converts


@pytest.fixture
def seeming(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(converter, "convert", converts)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film.mp4"
    path.write_bytes(FILM)
    return path
