"""Which ready file answers a request."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.viewer.files import find
from tests.viewer.conftest import BUILD

APP = f"{BUILD}/app.js"


@pytest.mark.parametrize(
    ("accept_encoding", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip;q=1.0, br;q=0.5", "br"),
        ("GZIP", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br; q=0.000, gzip;q=0", ""),
        ("identity", ""),
        ("", ""),
    ],
)
def test_variant_is_one_that_the_client_takes(viewer_dist: Path, accept_encoding: str, encoding: str) -> None:
    ready = find(viewer_dist, APP, accept_encoding)
    assert ready is not None
    assert ready.encoding == encoding
    assert ready.size == ready.path.stat().st_size


def test_file_without_variants_is_sent_plain(viewer_dist: Path) -> None:
    ready = find(viewer_dist, f"{BUILD}/codec.wasm", "br, gzip")
    assert ready is not None
    assert (ready.encoding, ready.media_type) == ("", "application/wasm")


@pytest.mark.parametrize(
    "name",
    [
        f"{BUILD}/missing.js",
        f"{BUILD}/app.js.br",
        f"{BUILD}/../secret.js",
        f"{BUILD}/./app.js",
        f"/{APP}",
        f"{BUILD}//app.js",
        f"{BUILD}\\app.js",
        ".fovea-viewer",
        f"{BUILD}/app.js\0.js",
        f"{BUILD}/{'a' * 300}.js",
        BUILD,
        "",
    ],
)
def test_other_names_find_nothing(viewer_dist: Path, name: str) -> None:
    assert find(viewer_dist, name, "br, gzip") is None


@given(name=st.lists(st.sampled_from(["..", ".", "/", "\\", BUILD, "app.js", "secret.js", "%2e", "\0"])).map("".join))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_outside_is_found(viewer_dist: Path, name: str) -> None:
    ready = find(viewer_dist / BUILD, name, "br")
    assert ready is None or ready.path.resolve().is_relative_to(viewer_dist / BUILD)
