"""A viewer of a few files, as the build lays them out."""

from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

BUILD = "3.13.2-0123456789ab"


@pytest.fixture
def viewer_dist(tmp_path: Path, settings: Settings) -> Path:
    root = tmp_path / "viewer"
    (root / BUILD / "assets").mkdir(parents=True)
    (root / "index.html").write_text("<title>the page</title>")
    (root / ".fovea-viewer").write_text(BUILD)
    (root / "secret.js").write_text("not of the build")
    for name in ("app.js", "app.js.br", "app.js.gz", "codec.wasm", "style.css", "font.woff2", "assets/CT.png"):
        (root / BUILD / name).write_text(f"bytes of {name}")
    settings.VIEWER_DIST = root
    return root


@pytest.fixture(autouse=True)
def plain_static_files(settings: Settings) -> None:
    """The sign-in page names its style sheet without a collected manifest."""
    storage = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": storage}
