"""Making the viewer's files from a package."""

import gzip
import re
from collections.abc import Callable
from pathlib import Path

import brotli  # type: ignore[import-untyped]
import pytest

from apps.viewer import dist, package
from apps.viewer.said import SAID
from tests.viewer import ohif

Pack = Callable[[dict[str, str]], Path]


@pytest.fixture
def pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pack:
    """Packs files as the package that is pinned."""

    def packed(files: dict[str, str]) -> Path:
        tarball = tmp_path / "ohif-app.tgz"
        monkeypatch.setattr(package, "INTEGRITY", ohif.pack(tarball, files))
        return tarball

    return packed


@pytest.fixture
def made(pack: Pack, tmp_path: Path) -> Path:
    target = tmp_path / "viewer"
    assert dist.make(target, pack(ohif.files()))
    return target


def build_of(target: Path) -> Path:
    return target / (target / ".fovea-viewer").read_text()


def test_page_names_only_files_that_exist(made: Path) -> None:
    page = (made / "index.html").read_text()
    names = re.findall(r'(?:src|href)="/viewer/([^"]+)"', page)
    assert ohif.BUNDLE in page
    assert len(names) == 5
    assert all((made / name).is_file() for name in names if name != "app-config.js")


def test_page_has_no_inline_script(made: Path) -> None:
    assert not re.search(r"<script[^>]*>[^<]", (made / "index.html").read_text())


def test_files_are_looked_for_below_the_viewer(made: Path) -> None:
    build = build_of(made)
    base = f"/viewer/{build.name}/"
    script = (build / ohif.BUNDLE).read_text()
    assert f'__webpack_require__.p = "{base}"' in script
    assert f"browserImportFunction('{base}dicom-microscopy-viewer/" in script
    assert (build / "app.bundle.css").read_text().count(f"url({base}a34f9d1faa5f3315.woff2)") == 5


def test_no_code_is_compiled_in_the_browser(made: Path) -> None:
    script = (build_of(made) / ohif.BUNDLE).read_text()
    assert not re.search(r"new Function\(|new_\(Function|newFunc\(Function", script)


def test_volumes_go_before_scouts(made: Path) -> None:
    script = (build_of(made) / ohif.BUNDLE).read_text()
    assert re.search(r"weight: 5, attribute: 'isReconstructable'.+\n\s+\{\s+weight: 10,", script)


def test_texts_of_the_list_are_looked_for_in_the_readers_language(made: Path) -> None:
    script = (build_of(made) / ohif.BUNDLE).read_text()
    assert "title: (window.fovea?.said?.[\"Study List\"] ?? 'Study List')," in script
    assert script.count("window.fovea?.said?.") == sum(times for _, _, times in SAID.values())


def test_reports_place_and_name_what_was_measured(made: Path) -> None:
    script = (build_of(made) / ohif.BUNDLE).read_text()
    assert "columnPixelSpacing, rowPixelSpacing }" not in script
    assert script.count('PersonName: globalThis.fovea?.person || "unknown^unknown"') == 3
    assert script.count("UID: this.props.trackingUID || DicomMetaDictionary.uid()") == 3
    assert script.count("unit: _super$getCachedStats.unit,") == 2
    assert "unit: radiusUnit," in script
    assert "indexPoints, true)" in script


def test_segmentations_say_what_they_come_from(made: Path) -> None:
    script = (build_of(made) / ohif.BUNDLE).read_text()
    assert script.count("Object.assign(segmentationResult.dataset, predecessor)") == 2
    assert script.count("metadata[segmentIndex][keyword] = read[keyword];") == 1


def test_what_the_viewer_does_not_need_is_left_out(made: Path) -> None:
    kept = {path.name for path in made.rglob("*")}
    assert not kept & {"ort.min.js", "sw.js", "init-service-worker.js", "favicon.ico", "README.md"}
    assert not [name for name in kept if name.endswith(".map")]
    assert kept >= {"CT-Bone.png", "LICENSE.txt"}


def test_compressed_variants_hold_the_same(made: Path) -> None:
    script = build_of(made) / ohif.BUNDLE
    assert gzip.decompress(script.with_name(f"{script.name}.gz").read_bytes()) == script.read_bytes()
    assert brotli.decompress(script.with_name(f"{script.name}.br").read_bytes()) == script.read_bytes()


def test_second_time_does_nothing(made: Path) -> None:
    before = (made / "index.html").stat().st_ino
    assert not dist.make(made, Path("/nonexistent.tgz"))
    assert (made / "index.html").stat().st_ino == before


def test_older_build_is_replaced_whole(made: Path, pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    old = build_of(made)
    monkeypatch.setattr(dist, "build_name", lambda: "3.13.2-newer")
    assert dist.make(made, pack(ohif.files()))
    assert not old.exists()
    assert [path.name for path in made.iterdir() if path.is_dir()] == ["3.13.2-newer"]
    assert not list(made.parent.glob("viewer.*"))


def test_another_tarball_is_refused(pack: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tarball = pack(ohif.files())
    monkeypatch.setattr(package, "INTEGRITY", "sha512-AAAA")
    with pytest.raises(package.BuildError, match="SHA-512 differs"):
        dist.make(tmp_path / "viewer", tarball)
    assert not (tmp_path / "viewer").exists()


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        (ohif.BUNDLE, '__webpack_require__.p = "/"', "", "public path: 7, not 8"),
        (ohif.BUNDLE, "function compileConstructor", "function compileBuilder", "compileConstructor: 0, not 4"),
        ("app.bundle.css", "url(/", "url(https://", "fonts: 0, not 5"),
        ("index.html", "<script>console.time", "<script>evil()</script><script>console.time", "compare the two"),
        ("index.html", '<div id="root">', '<div id="app">', "compare the two"),
    ],
)
def test_another_version_fails_loudly(pack: Pack, tmp_path: Path, name: str, old: str, new: str, said: str) -> None:
    files = ohif.files()
    path = f"package/dist/{name}"
    files[path] = files[path].replace(old, new)
    with pytest.raises(package.BuildError, match=said):
        dist.make(tmp_path / "viewer", pack(files))
    assert not list(tmp_path.glob("viewer*"))


def test_member_that_leads_elsewhere_is_refused(pack: Pack, tmp_path: Path) -> None:
    files = ohif.files() | {"package/dist/../../../../evil.js": "evil"}
    with pytest.raises(package.BuildError, match="can't be unpacked"):
        dist.make(tmp_path / "viewer", pack(files))
    assert not list(tmp_path.parent.glob("**/evil.js"))


def test_too_large_a_package_is_refused(pack: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "MAX_FILES", 3)
    with pytest.raises(package.BuildError, match="more than 3 files"):
        dist.make(tmp_path / "viewer", pack(ohif.files()))


def test_folder_with_something_else_is_left_alone(pack: Pack, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home/letter.txt").write_text("dear")
    with pytest.raises(package.BuildError, match="holds something else"):
        dist.make(tmp_path / "home", pack(ohif.files()))
    assert (tmp_path / "home/letter.txt").read_text() == "dear"


def test_missing_npm_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert dist.main(["--into", str(tmp_path / "viewer")]) == 1
    assert "install it (package npm)" in capsys.readouterr().err


def test_command_says_where_the_viewer_is(pack: Pack, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--into", str(tmp_path / "viewer"), "--tarball", str(pack(ohif.files()))]
    assert dist.main(arguments) == 0
    assert "The viewer is made in" in capsys.readouterr().out
    assert dist.main(arguments) == 0
    assert "already" in capsys.readouterr().out
