"""The bundles of a site, looked at without any of them being run."""

import json
from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from apps.segmentation.bundles import listing, sums
from apps.segmentation.bundles.faults import Faulty
from apps.segmentation.bundles.listing import Bundle
from tests.segmentation.bundles.samples import FILES, inference, metadata, sum_up, write_bundle


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where PyTorch and MONAI are installed."""
    monkeypatch.setattr(listing, "find_spec", lambda name: name)


@pytest.fixture
def root(tmp_path: Path, settings: Settings) -> Path:
    settings.BUNDLES = tmp_path
    return tmp_path


def problems(bundle: Bundle) -> str:
    return " ".join(bundle.problems)


def found(root: Path) -> Bundle:
    bundle = listing.find("organs")
    assert bundle
    return bundle


def test_a_bundle_is_what_it_says_of_itself(root: Path) -> None:
    bundle = found(write_bundle(root / "organs"))
    assert not bundle.problems
    assert (bundle.title, bundle.version, bundle.modality, bundle.needs_hu) == ("Two organs", "0.1.0", "CT", True)
    assert (bundle.channels, bundle.weights, sorted(bundle.sums or {})) == (3, "models/model.pt", sorted(FILES))
    liver, kidney = bundle.segments
    assert (liver.number, liver.label, liver.type.value) == (1, "liver", "10200004")
    assert (kidney.label, kidney.type.value, kidney.modifier.meaning) == ("kidney left", "64033007", "Left")
    assert liver.algorithm
    assert (liver.algorithm.name, liver.algorithm.version) == ("Two organs", "0.1.0")
    assert liver.algorithm.family.value == "123110"


def test_the_work_is_asked_with_what_was_looked_at(root: Path) -> None:
    write_bundle(root / "organs")
    function, asked = listing.run_function("organs")
    assert function == "apps.segmentation.bundles.working:segment"
    assert asked["bundle"] == str(root / "organs")
    assert (asked["numbers"], asked["weights"], asked["memory"]) == ([1, 2], "models/model.pt", 6144 << 20)
    assert json.loads(json.dumps(asked)) == asked


def test_its_digest_changes_with_its_files(root: Path) -> None:
    before = found(write_bundle(root / "organs")).digest
    assert found(root).digest == before
    assert found(write_bundle(root / "organs", weights=b"others")).digest != before


def test_folders_that_are_none_are_listed_as_such(root: Path) -> None:
    write_bundle(root / "b")
    (root / "a").mkdir()
    (root / ".hidden").mkdir()
    (root / "file").write_text("")
    first, second = listing.every()
    assert (first.name, second.name) == ("a", "b")
    assert "configs/metadata.json can't be read" in problems(first)
    assert listing.find(".hidden") is None
    assert listing.find("../b") is None


@pytest.mark.parametrize("where", [None, "nowhere"])
def test_a_site_without_bundles_has_none(root: Path, settings: Settings, where: str | None) -> None:
    settings.BUNDLES = root / where if where else None
    assert listing.every() == []


def _formats(**changes: Any) -> dict[str, Any]:
    known: dict[str, Any] = metadata()["network_data_format"]
    return {"network_data_format": known | changes}


def _output(**changes: Any) -> dict[str, Any]:
    return _formats(outputs={"pred": metadata()["network_data_format"]["outputs"]["pred"] | changes})


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"version": ""}, "doesn't say version"),
        ({"monai_version": 1}, "doesn't say monai_version"),
        ({"changelog": None}, "doesn't say changelog"),
        (_formats(inputs={}), "not exactly one of network_data_format.inputs"),
        (_formats(inputs={"image": {"num_channels": 4}}), "several images at once"),
        (_output(format="classification"), "not a segmentation"),
        (_output(channel_def={"zero": "background"}), "doesn't name the labels"),
        (_output(channel_def={"0": "background"}), "not between 1 and 255"),
        (_output(channel_def={"300": "liver"}), "not between 1 and 255"),
        (_output(num_channels=1000), "doesn't say num_channels"),
    ],
)
def test_metadata_that_cant_be_used(root: Path, changes: dict[str, Any], problem: str) -> None:
    assert problem in problems(found(write_bundle(root / "organs", of=changes)))


def _before(**transform: Any) -> dict[str, Any]:
    return {"preprocessing": {"_target_": "Compose", "transforms": [transform]}}


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (_before(_target_="subprocess.Popen", args="true"), "wants subprocess.Popen, which is not allowed"),
        (_before(_target_="monai.transforms.Lambdad", keys="image"), "wants monai.transforms.Lambdad"),
        (_before(_target_="os.path.Spacingd"), "wants os.path.Spacingd"),
        (_before(_target_="scripts.own.Spacingd"), "wants scripts.own.Spacingd"),
        (_before(_target_="Spacingd", pixdim="$__import__('os').getcwd()"), "an expression that isn't allowed"),
        (_before(_target_="Spacingd", pixdim="@nowhere"), "refers to @nowhere"),
        (_before(_target_="Spacingd", pixdim="@preprocessing"), "refers to @preprocessing"),
        (_before(_target_="Spacingd", pixdim="%other.json"), "parts from other files"),
        (_before(_target_="Spacingd", _mode_="callable"), "in a way that is not allowed"),
        ({"network_def": {"_target_": "SegResNet", "pretrained": True}}, "in a way that is not allowed"),
        ({"network_def": {"_target_": "DenseNet121"}}, "wants DenseNet121"),
        ({"inferer": None}, "refers to @inferer"),
        ({"checkpointloader": {"load_path": "/etc/passwd"}}, "weights outside the bundle"),
        ({"checkpointloader": {"load_path": "$@bundle_root + '/../other.pt'"}}, "weights outside the bundle"),
        ({"checkpointloader": {"load_path": "models/other.pt"}}, "models/other.pt is missing"),
    ],
)
def test_configurations_that_cant_be_used(root: Path, changes: dict[str, Any], problem: str) -> None:
    assert problem in problems(found(write_bundle(root / "organs", by=changes)))


def test_a_configuration_that_is_nested_endlessly_is_refused(root: Path) -> None:
    nested: Any = []
    for _ in range(100):
        nested = [nested]
    assert "nested too deeply" in problems(found(write_bundle(root / "organs", by={"inferer": nested})))


@pytest.mark.parametrize("content", ["", "[]", "{", "[" * 100_000, '{"a": "' + "a" * (1 << 20) + '"}'])
def test_a_file_that_is_none_is_refused(root: Path, content: str) -> None:
    (write_bundle(root / "organs") / FILES[1]).write_text(content)
    assert "configs/inference.json is" in problems(found(root))


def test_what_is_switched_off_is_not_looked_at(root: Path) -> None:
    off = {"_target_": "Lambdad", "_disabled_": True}
    whole = inference()["preprocessing"]
    write_bundle(root / "organs", by={"preprocessing": whole | {"transforms": [*whole["transforms"], off]}})
    assert not found(root).problems


def test_files_that_changed_since_they_were_checked_are_refused(root: Path) -> None:
    folder = write_bundle(root / "organs")
    (folder / FILES[0]).write_text(json.dumps(metadata(version="0.2.0")))
    assert "configs/metadata.json is not what SHA256SUMS says" in problems(found(root))


def test_weights_are_checked_where_that_is_asked(root: Path) -> None:
    folder = write_bundle(root / "organs")
    (folder / FILES[2]).write_bytes(b"changed")
    bundle = found(root)
    assert not bundle.problems
    with pytest.raises(Faulty, match=r"models/model.pt is not what SHA256SUMS says"):
        listing.check_weights(bundle)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "SHA256SUMS is missing"),
        ("", "not what sha256sum writes"),
        ("abc  models/model.pt\n", "not what sha256sum writes"),
        (f"{'0' * 64}  models/other.pt\n", "doesn't have configs/metadata.json"),
    ],
)
def test_files_must_have_been_checked(root: Path, content: str | None, problem: str) -> None:
    path = write_bundle(root / "organs") / sums.FILE
    path.unlink() if content is None else path.write_text(content)
    assert problem in problems(found(root))


def test_weights_must_be_among_the_sums(root: Path) -> None:
    folder = write_bundle(root / "organs")
    lines = (folder / sums.FILE).read_text().splitlines()
    (folder / sums.FILE).write_text("\n".join(lines[:2]))
    assert "SHA256SUMS doesn't have models/model.pt" in problems(found(root))


def test_a_site_may_do_without_sums(root: Path, settings: Settings) -> None:
    settings.BUNDLES_UNCHECKED = True
    folder = write_bundle(root / "organs")
    (folder / sums.FILE).unlink()
    bundle = found(root)
    assert (bundle.problems, bundle.sums) == ([], None)
    listing.check_weights(bundle)
    sum_up(folder)
    assert found(root).sums


def test_a_bundle_without_weights_is_not_given_any(root: Path) -> None:
    (write_bundle(root / "organs") / FILES[2]).unlink()
    assert "nothing is fetched" in problems(found(root))


def test_a_site_without_torch_says_so(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "find_spec", lambda name: None)
    assert "requirements/ai.txt" in problems(found(write_bundle(root / "organs")))
