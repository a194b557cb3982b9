"""The two analyses: lesions found again in a later study, and a study judged by RECIST 1.1."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Practice, User
from apps.accounts.principal import Principal
from apps.analysis import asking, judging, kinds
from apps.analysis.models import Analysis
from apps.archive.models import Instance, Study
from apps.archive.retrieve import by_key, read_file
from apps.core.errors import Conflict, Invalid
from apps.jobs import worker
from apps.lesions.models import Lesion, LesionFinding
from apps.measurements.content.groups import Report
from apps.measurements.content.reading import report_of
from apps.volumes.models import Volume
from tests import dicoms
from tests.lesions.bodies import Motion, body, moved
from tests.lesions.scanned import SPACING, measured_at, nearest, scan
from tests.lesions.studies import cross, imaged, line, measurement, reported, study_uid
from tests.lesions.test_api import add, found
from tests.video.objects.validator import errors

pytestmark = pytest.mark.django_db
MOTION = Motion.of((3, -4, 6), (12, -8, 250))
LIVER, LUNG, GONE = (60, 10, -70), (-70, 0, 20), (0, 60, -60)


def asked(user: User, kind: str, number: int, **given: Any) -> Analysis:
    return asking.ask(Principal.of(user), study_uid(number), kind, given).analysis


def done(row: Analysis) -> Analysis:
    assert row.job_id is not None
    worker.run(row.job_id)
    row.refresh_from_db()
    assert row.last_state == "done", row.reason
    return row


def file_of(row: Analysis) -> bytes:
    (series,) = row.series_instance_uids
    instance = Instance.objects.get(series__series_instance_uid=series)
    stored = by_key(instance.pk)
    assert stored
    return read_file(stored)


def report(row: Analysis, tmp_path: Path) -> tuple[Report, list[str]]:
    """What the result says, and what dciodvfy finds wrong with it."""
    import pydicom

    path = tmp_path / "report.dcm"
    path.write_bytes(file_of(row))
    said = report_of(pydicom.dcmread(path).to_json_dict())
    assert said
    return said, errors(path)


def tables(row: Analysis) -> list[kinds.Table]:
    kind = kinds.find(row.kind)
    assert kind
    return list(kind.tables(json.loads(json.dumps(row.summary))))


@pytest.fixture
def scans(practice: Practice, client: Client) -> tuple[Volume, Volume]:
    """Three lesions of a first study; of the second two of them were measured, and one thing more."""
    first, second = scan(practice, 0), scan(practice, 1, moved(body(SPACING, seed=2), MOTION))
    here, there = (body(SPACING).lattice, moved(body(SPACING), MOTION).lattice)
    named = ((LIVER, 30, "Liver"), (LUNG, 20, "Lung"), (GONE, 16, "Spine"))
    reported(
        practice, 0,
        *(measured_at(0, here, at, size, tracking=n, label=name) for n, (at, size, name) in enumerate(named, start=1)),
    )  # fmt: skip
    for n, role in ((1, "target"), (2, "target"), (3, "non-target")):
        assert add(client, 0, role, measurement=measurement(0, n)).status_code == 201
    reported(
        practice, 1,
        measured_at(1, there, MOTION((66, 14, -68)), 18, tracking=11),
        measured_at(1, there, MOTION(LUNG), 9, tracking=12),
        measured_at(1, there, MOTION((0, -60, 80)), 11, tracking=13, label="What is this"),
    )  # fmt: skip
    return first, second


def test_lesions_are_found_again_and_count_once_accepted(
    scans: tuple[Volume, Volume], user: User, client: Client, tmp_path: Path
) -> None:
    first, second = scans
    row = done(asked(user, "lesion-tracking", 1, volume=second.pk, baseline=first.pk))
    summary = row.summary
    assert [(each["name"], each["sizeBefore"], each["size"]) for each in summary["pairs"]] == [
        ("Liver", 30.0, 18.0),
        ("Lung", 20.0, 9.0),
    ]
    assert [each["name"] for each in summary["missing"]] == ["Spine"]
    assert [each["label"] for each in summary["new"]] == ["What is this"]
    assert (summary["outside"], summary["similarity"] > 0.9) == ([], True)
    assert [len(table.rows) for table in tables(row)] == [2, 1, 1]
    said, wrong = report(row, tmp_path)
    assert wrong == []
    assert [(group.tracking_uid, group.label, group.tool) for group in said.groups[:2]] == [
        (dicoms.uid(61, 1), "Liver", "Length"),
        (dicoms.uid(61, 2), "Lung", "Length"),
    ]
    assert said.groups[0].values[0].coordinates[0].sop_instance_uid.startswith(study_uid(1))
    assert (said.is_machine_made, said.is_verified) == (True, False)
    # The missing one is marked where it was to be expected; it was measured at the voxel nearest to its middle.
    missing = said.groups[2]
    assert (missing.tool, missing.label, missing.values) == ("Probe", "Spine: expected here, and not measured", ())
    k, j, i = nearest(moved(body(SPACING), MOTION).lattice, MOTION(GONE))
    assert missing.coordinates[0].sop_instance_uid == f"{study_uid(1)}.1.{k + 1}"
    assert missing.coordinates[0].points[0] == pytest.approx((i + 0.5, j + 0.5), abs=1.2)
    # Asked for again, it is the same report.
    before = file_of(row)
    row = done(asking.rerun(Principal.of(user), row).analysis)
    assert file_of(row) == before
    # Nothing counts before a person has accepted it.
    assert client.get("/api/lesions", {"study": study_uid(1)}).json()[0]["findings"][1:] == []
    assert row.verdict == "unverified"
    judging.accept(Principal.of(user), row)
    lesions = client.get("/api/lesions", {"study": study_uid(1)}).json()
    assert [[each["size"] for each in lesion["findings"]] for lesion in lesions] == [[30.0, 18.0], [20.0, 9.0], [16.0]]


def test_what_may_be_chosen_and_what_can_not_be_found_again(
    scans: tuple[Volume, Volume], practice: Practice, user: User
) -> None:
    first, second = scans
    kind = kinds.find("lesion-tracking")
    assert kind
    choices = kind.choices(second.series.study)
    assert [value for value, _ in choices["volume"]] == [second.pk]
    assert [value for value, _ in choices["baseline"]] == [first.pk]
    # In the second study no lesion is known yet.
    assert kind.choices(first.series.study)["baseline"] == []
    with pytest.raises(Invalid) as invalid:
        asked(user, "lesion-tracking", 1, volume=second.pk, baseline=second.pk)
    assert invalid.value.errors[0][0] == "parameters.baseline"
    with pytest.raises(Conflict, match="No lesions are recorded"):
        asked(user, "lesion-tracking", 0, volume=first.pk, baseline=second.pk)
    third = scan(practice, 2, body((40, 40, 40)))
    with pytest.raises(Conflict, match="Nothing was measured"):
        asked(user, "lesion-tracking", 2, volume=third.pk, baseline=first.pk)
    Volume.objects.filter(pk=second.pk).update(flags=["missing-slices"])
    with pytest.raises(Conflict, match="nothing may be measured"):
        asked(user, "lesion-tracking", 1, volume=second.pk, baseline=first.pk)


@pytest.fixture
def followed(practice: Practice, client: Client) -> None:
    """A target of the liver, a node, a non-target; judged in the second of two studies."""
    for number in (0, 1):
        imaged(practice, number)
    reported(practice, 0, line(0, 30, (20, 20), tracking=1, label="Dome"), cross(0, 24, 16, (50, 12), tracking=4))
    liver = add(client, 0, measurement=measurement(0, 1)).json()["id"]
    node = add(client, 0, measurement=measurement(0, 4)).json()["id"]
    bone = add(client, 0, "non-target", state="present", organ="bone", name="Rib").json()["id"]
    reported(practice, 1, line(1, 38, (21, 22), tracking=11), cross(1, 18, 18, (50, 12), tracking=12))
    found(client, liver, 1, measurement=measurement(1, 11))
    found(client, node, 1, measurement=measurement(1, 12))
    found(client, bone, 1, state="present")


def test_a_study_is_judged(followed: None, user: User, client: Client, tmp_path: Path) -> None:
    row = done(asked(user, "recist", 1))
    told = row.summary
    assert (told["sum"], told["sumAtBaseline"], told["nadir"]) == (56.0, 46.0, 46.0)
    assert (told["target"], told["nonTarget"], told["overall"]) == ("PD", "Non-CR/Non-PD", "PD")
    said, wrong = report(row, tmp_path)
    assert wrong == []
    groups = {group.tracking_identifier: group for group in said.groups}
    assert [each.code.value for each in groups["Overall response"].evaluations] == ["126081", "C35571"]
    assert [each.code.value for each in groups["Target lesions"].evaluations[:2]] == ["126081", "112043"]
    assert [each.code.value for each in groups["Non-target lesions"].evaluations] == ["126081", "112046"]
    assert groups["Target lesions"].values[0].value == 56.0
    assert groups["Dome"].values[0].value == 38.0
    assert groups["Rib"].values == ()
    assert groups["Lymph Node 2"].values[0].concept.meaning == "Short Axis"
    responses, lesions = tables(row)
    assert ("Overall response", "Progressive disease (PD)") in responses.rows
    assert ("Dome", "Liver", "Target lesion", "30.0", "Measured", "38.0") in lesions.rows
    # Once a person stands for it, it still measures nothing anew.
    judging.accept(Principal.of(user), row)
    client.get("/api/lesions", {"study": study_uid(1)})
    assert LesionFinding.objects.get(lesion__name="Dome", study__study_instance_uid=study_uid(1)).x is not None


def test_a_study_is_judged_anew_when_a_lesion_changes(followed: None, user: User, client: Client) -> None:
    row = done(asked(user, "recist", 1))
    assert asking.ask(Principal.of(user), study_uid(1), "recist", {}).is_started is False
    found(client, Lesion.objects.get(name="Rib").pk, 1, state="progressed")
    assert asking.ask(Principal.of(user), study_uid(1), "recist", {}).is_started is True
    row.refresh_from_db()
    assert done(row).summary["nonTarget"] == "PD"


def test_where_there_is_nothing_to_judge_it_is_said(followed: None, user: User, practice: Practice) -> None:
    kind = kinds.find("recist")
    assert kind
    third = imaged(practice, 2)
    baseline, second = (Study.objects.get(study_instance_uid=study_uid(number)) for number in (0, 1))
    assert [kind.choices(each) for each in (baseline, second, third)] == [{"study": []}, {}, {"study": []}]
    with pytest.raises(Conflict, match="baseline"):
        asked(user, "recist", 0)
    with pytest.raises(Conflict, match="no assessment"):
        asked(user, "recist", 2)


def test_every_code_is_the_standards() -> None:
    """Value and meaning as pydicom's copy of PS3.16 has them; those of NCIt are not in it."""
    from pydicom.sr import _concepts_dict

    from apps.lesions import concepts
    from apps.lesions.organs import CODES, Organ, organ_of

    named = [concepts.METHOD, concepts.RECIST, concepts.CURRENT_RESPONSE, concepts.SUM, concepts.BASELINE_CATEGORY]
    tabled = [concepts.ROLES, concepts.OF_TARGETS, concepts.OF_NON_TARGETS, CODES]
    for code in [*named, *(code for table in tabled for code in table.values())]:
        entries = _concepts_dict.concepts[code.scheme].values()
        meanings = {entry[code.value][0].casefold() for entry in entries if code.value in entry}
        assert code.meaning.casefold() in meanings, code
    assert set(CODES) == set(Organ)
    assert all(organ_of(code) == organ for organ, code in CODES.items())
    assert organ_of(type(concepts.SUM)("Liver", "T-62000", "SRT")) == ""
