"""The fonts: pinned, whole, and of every script that they are said to be of."""

import hashlib
import subprocess
import sys
import tarfile
from base64 import b64encode
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from apps.reports.printing.fonts import __main__ as command
from apps.reports.printing.fonts import fetching
from apps.reports.printing.fonts.folder import STAMP, is_current, missing, stamp
from apps.reports.printing.fonts.packages import PACKAGES, Package

SAMPLES = {
    "Noto Sans": "Aéñßжếक\u03b1", "Noto Sans SC": "王陳あ。", "Noto Sans KR": "김", "Noto Sans Arabic": "ع",
    "Noto Sans Hebrew": "א", "Noto Sans Devanagari": "न", "Noto Sans Thai": "ไ",
}  # fmt: skip


def tarball(package: Package, path: Path) -> Package:
    """A package of this shape, pinned to bytes that are made here."""
    with tarfile.open(path, "w:gz") as archive:
        for member in package.kept:
            said = tarfile.TarInfo(member)
            said.size = 4
            archive.addfile(said, BytesIO(b"font"))
    digest = b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()
    return replace(package, integrity=f"sha512-{digest}")


@pytest.mark.parametrize("package", PACKAGES, ids=lambda each: each.family)
def test_fonts_have_their_script_and_may_be_embedded(fonts: Path, package: Package) -> None:
    for name in filter(lambda each: each.endswith(".ttf"), package.kept.values()):
        with TTFont(fonts / name, lazy=True) as font:
            assert set(map(ord, SAMPLES[package.family])) <= set(font.getBestCmap())
            assert font["name"].getDebugName(16) or font["name"].getDebugName(1) == package.family
            assert font["OS/2"].fsType == 0
    terms = next(each for each in package.kept.values() if each.startswith("LICENSE"))
    assert "SIL Open Font License" in (fonts / terms).read_text()


def test_what_is_there_is_not_fetched_again(fonts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", None)
    assert fetching.fetch(fonts) is False


def test_fetched_whole_and_replaced_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = tarball(PACKAGES[0], tmp_path / "package.tgz")
    monkeypatch.setattr(fetching, "PACKAGES", (made,))
    monkeypatch.setattr(fetching, "_tarball", lambda package, folder: tmp_path / "package.tgz")
    target = tmp_path / "fonts"
    target.mkdir()
    (target / STAMP).write_text("of another choice")
    (target / "old.ttf").touch()
    assert fetching.fetch(target)
    assert sorted(each.name for each in target.iterdir()) == sorted([STAMP, *made.kept.values()])
    assert (target / STAMP).read_text() == stamp()


def test_other_bytes_are_refused(tmp_path: Path) -> None:
    tarball(PACKAGES[0], tmp_path / "package.tgz")
    with pytest.raises(fetching.NotFetched, match="SHA-512 differs"):
        fetching.unpack(PACKAGES[0], tmp_path / "package.tgz", tmp_path)


def test_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").touch()
    with pytest.raises(fetching.NotFetched, match="something else"):
        fetching.fetch(tmp_path)


def test_without_npm_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert command.main(["--into", str(tmp_path / "fonts")]) == 1
    assert "npm is needed" in capsys.readouterr().err
    assert not (tmp_path / "fonts").exists()


def test_missing_ones_are_named(fonts: Path, tmp_path: Path) -> None:
    assert missing(fonts) == []
    assert len(missing(tmp_path)) == sum(len(each.kept) for each in PACKAGES)
    assert is_current(fonts)
    assert not is_current(tmp_path)


def test_setting_up_needs_no_settings() -> None:
    found = subprocess.run(
        [sys.executable, "-c", "import sys, apps.reports.printing.fonts.__main__; print('django' in sys.modules)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert found.stdout.strip() == "False"
