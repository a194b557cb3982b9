"""All segmenters of a site in one list: in code, in the REST API, on the command line."""

import os
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from pytest_django.fixtures import Settings

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.analysis.apart.refusing import Unanswerable
from apps.core.errors import Conflict, NotFound
from apps.segmentation import choosing
from apps.segmentation.bundles import listing
from apps.segmentation.choosing import Origin
from apps.segmentation.segmenters import registry
from tests.conftest import client_of
from tests.rights import give
from tests.segmentation.bundles.samples import FILES, write_bundle
from tests.segmentation.commands.samples import command, program, write_commands


@pytest.fixture
def site(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A site with a bundle and a command that can be used, and one of each that can't."""
    monkeypatch.setattr(listing, "find_spec", lambda name: name)
    write_bundle(tmp_path / "bundles" / "organs")
    write_bundle(tmp_path / "bundles" / "broken", of={"version": ""})
    path = program(tmp_path)
    settings.BUNDLES = tmp_path / "bundles"
    settings.SEGMENTER_COMMANDS = write_commands(
        tmp_path / "commands.json", command(path), command(Path("/nowhere"), name="gone", modalities=[])
    )
    return tmp_path


def test_all_are_in_one_list(site: Path) -> None:
    found = {each.name: each for each in choosing.every()}
    classical = [each.name for each in registry.every()]
    assert list(found) == [*classical, "bundle:broken", "bundle:organs", "command:organs", "command:gone"]
    assert [each.name for each in choosing.usable("CT")] == [*classical, "bundle:organs", "command:organs"]
    assert "bundle:organs" not in [each.name for each in choosing.usable("MR")]
    assert all(choosing.find(name) == each for name, each in found.items())
    assert found["lung"].origin is Origin.CLASSICAL
    assert found["lung"].options
    assert len({each.digest for each in found.values() if each.is_usable}) == len(classical) + 2


@pytest.mark.parametrize("name", ["nothing", "bundle:nothing", "command:nothing", "bundle:", ""])
def test_what_there_isnt_is_not_found(site: Path, name: str) -> None:
    assert choosing.find(name) is None
    with pytest.raises(NotFound):
        choosing.run_function(name)


@pytest.mark.parametrize("name", ["bundle:broken", "command:gone"])
def test_what_has_problems_is_not_used(site: Path, name: str) -> None:
    with pytest.raises(Conflict, match="ask who administers this site"):
        choosing.run_function(name)


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("lung", "apps.segmentation.segmenters.working:segment"),
        ("bundle:organs", "apps.segmentation.bundles.working:segment"),
        ("command:organs", "apps.segmentation.commands.working:segment"),
    ],
)
def test_each_has_a_function_that_runs_it(site: Path, name: str, function: str) -> None:
    assert choosing.run_function(name)[0] == function


def test_a_site_without_its_own_has_the_classical_ones() -> None:
    assert [each.origin for each in choosing.every()] == [Origin.CLASSICAL] * len(registry.every())


@pytest.mark.parametrize(
    ("reason", "values", "says"),
    [
        ("nothing-found", {}, "Nothing was found"),
        ("bundle-memory", {"needed": 9.5, "given": 6.0}, "needs 9.5 GiB"),
        ("bundle-changed", {"problem": "x"}, "not those that were checked"),
        ("bundle-weights", {}, "weights can't be read"),
        ("bundle-configuration", {}, "configuration"),
        ("bundle-failed", {"error": "RuntimeError"}, "own processing failed"),
        ("overlapping", {}, "overlap"),
        ("no-labels", {}, "not made of labels"),
        ("command-failed", {"status": "3"}, "exit status 3"),
        ("command-late", {"minutes": 60}, "60 minutes"),
        ("command-unstarted", {}, "can't be started"),
        ("command-no-output", {}, "without writing"),
        ("command-unreadable", {}, "not a NIfTI file"),
        ("command-elsewhere", {}, "doesn't lie where the images do"),
    ],
)
def test_every_reason_has_words(reason: str, values: dict[str, Any], says: str) -> None:
    assert says in choosing.refusal(Unanswerable(reason, **values))


def test_a_reason_of_nobodys_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        choosing.refusal(Unanswerable("unheard-of"))


@pytest.mark.django_db
def test_the_api_shows_those_that_can_be_used(site: Path, practice: Practice) -> None:
    client = client_of(_user(practice, Permission.VIEW))
    found = {each["name"]: each for each in client.get("/api/segmenters").json()}
    assert {"lung", "bundle:organs", "command:organs"} <= found.keys()
    assert not {"bundle:broken", "command:gone"} & found.keys()
    bundle = found["bundle:organs"]
    assert (bundle["title"], bundle["origin"], bundle["modalities"]) == ("Two organs", "bundle", ["CT"])
    assert bundle["segments"][0]["type"] == {"value": "10200004", "scheme": "SCT", "meaning": "Liver"}
    assert bundle["segments"][1]["modifier"]["meaning"] == "Left"
    assert found["command:organs"]["segments"][1]["colour"] == "#0a141e"
    assert found["lung"]["options"][0] == {
        "name": "threshold", "title": "Lung is below (HU)", "unit": "HU", "default": -400.0, "smallest": -900.0,
        "largest": -200.0, "isPoints": False,
    }  # fmt: skip
    of_mr = [each["name"] for each in client.get("/api/segmenters?modality=MR").json()]
    assert "bundle:organs" not in of_mr


@pytest.mark.django_db
def test_who_administers_sees_what_is_wrong(site: Path, practice: Practice) -> None:
    client = client_of(_user(practice, Permission.VIEW, Permission.ADMINISTER))
    found = {each["name"]: each for each in client.get("/api/segmenters").json()}
    assert found["bundle:broken"]["problems"] == ["configs/metadata.json doesn't say version."]
    assert "/nowhere can't be run" in found["command:gone"]["problems"][0]
    assert found["bundle:organs"]["problems"] == []


@pytest.mark.django_db
def test_nobody_else_is_told(site: Path, anonymous: Client, practice: Practice) -> None:
    assert anonymous.get("/api/segmenters").status_code == 401
    assert client_of(_user(practice, Permission.UPLOAD)).get("/api/segmenters").status_code == 403


def _user(practice: Practice, *permissions: Permission) -> User:
    user = User.objects.create_user(f"user {len(permissions)}")
    give(user, practice, *permissions)
    return user


def test_the_command_lists_and_checks(site: Path) -> None:
    said = StringIO()
    call_command("segmenters", "list", stdout=said, no_color=True)
    lines = said.getvalue().splitlines()
    at = lines.index("bundle:organs: Two organs 0.1.0 (bundle, CT)")
    assert lines[at + 1] == "  liver, kidney left"
    assert "  configs/metadata.json doesn't say version." in lines
    (site / "bundles" / "organs" / FILES[2]).write_bytes(b"changed")
    said = StringIO()
    with pytest.raises(CommandError):
        call_command("segmenters", "check", stdout=said, no_color=True)
    assert "  models/model.pt is not what SHA256SUMS says: changed, or incomplete." in said.getvalue().splitlines()


HEAVY = ("torch", "monai", "scipy", "SimpleITK", "highdicom", "nibabel")


def test_nothing_heavy_is_imported_to_show_them(site: Path) -> None:
    program = f"""
import sys, pathlib, django
django.setup()
from django.conf import settings
settings.BUNDLES = pathlib.Path({str(site / "bundles")!r})
from apps.segmentation import choosing
print(len(choosing.every()), sorted(sys.modules.keys() & set({HEAVY!r})))
"""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    said = subprocess.run(
        [sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    assert said.stdout.split(maxsplit=1) == [str(len(registry.every()) + 2), "[]\n"]
