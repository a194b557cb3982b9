"""Sidecars: what is taken, what is refused and how it is told."""

import json
from pathlib import Path

import pytest

from apps.video.errors import Code as Reason
from apps.video.errors import Refused
from apps.video.objects import sidecar
from apps.video.objects.metadata import Code, Laterality, Metadata, Reference, Sex
from tests.video.objects.samples import full

EXAMPLE = {
    "preset": "endoscopy",
    "patient": {"id": "P-1", "name": "Müller^Jürgen", "birthDate": "1970-01-31", "sex": "M"},
    "study": {
        "accessionNumber": "A1",
        "procedures": [{"value": "386718000", "scheme": "SCT", "meaning": "Gastroscopy"}],
    },
    "laterality": "L",
    "orientation": ["L", "F"],
    "acquired": "2026-11-22T09:30:00.250+01:00",
    "instanceNumber": 3,
}


def test_a_sidecar_is_read(tmp_path: Path) -> None:
    file = tmp_path / "film.json"
    file.write_text(json.dumps(EXAMPLE), encoding="utf-8")
    metadata = sidecar.read(file)
    assert (metadata.patient.name, metadata.patient.sex) == ("Müller^Jürgen", Sex.MALE)
    assert (metadata.laterality, metadata.orientation, metadata.instance_number) == (Laterality.LEFT, ("L", "F"), 3)
    assert metadata.study.procedures == (Code("386718000", "SCT", "Gastroscopy"),)
    assert metadata.acquired is not None
    assert metadata.acquired.isoformat() == "2026-11-22T09:30:00.250000+01:00"
    assert sidecar.read(json.dumps(EXAMPLE).encode()) == metadata


@pytest.mark.parametrize(
    "metadata", [Metadata(), full(), full(references=(Reference("1.2", "1.3", (1, 2)),), seed="a\x1fb")]
)
def test_what_is_written_is_read_again(metadata: Metadata) -> None:
    assert sidecar.decoded(json.loads(json.dumps(sidecar.encoded(metadata)))) == metadata


def test_what_says_nothing_is_written_as_nothing() -> None:
    assert sidecar.encoded(Metadata()) == {}


@pytest.mark.parametrize(
    ("told", "text"),
    [
        ([], "metadata: expected an object"),
        ({"colour": 1}, "colour is not known here. There are preset,"),
        ({"patient": {"colour": 1}}, "patient.colour is not known here. There are id,"),
        ({"seed": "a"}, "seed is not known here"),
        ({"isUserDataRemoved": True}, "isUserDataRemoved is not known here"),
        ({"masksCoverAll": True}, "masksCoverAll is not known here"),
        ({"patient": []}, "patient: expected an object"),
        ({"patient": {"name": 1}}, "patient.name: expected a text"),
        ({"patient": {"name": "a^b^c^d^e^f"}}, "patient.name: expected a name"),
        ({"patient": {"name": None}}, "patient.name: expected a text"),
        ({"patient": {"id": "a\\b"}}, "patient.id: expected a line of at most 64"),
        ({"patient": {"id": "a\nb"}}, "patient.id: expected a line"),
        ({"patient": {"id": "\ud800"}}, "patient.id: expected a line"),
        ({"patient": {"sex": "x"}}, "patient.sex: expected one of M, F, O"),
        ({"patient": {"birthDate": "31.1.1970"}}, "patient.birthDate: expected a date such as"),
        ({"patient": {"birthDate": "1700-01-01"}}, "patient.birthDate: expected a date since 1850"),
        ({"acquired": "yesterday"}, "acquired: expected a moment such as"),
        ({"acquired": "2026-11-22T09:30:00+01:00:30"}, "acquired: expected a time zone"),
        ({"acquired": "2026-11-22T09:30:00+15:00"}, "acquired: expected a time zone"),
        ({"study": {"procedures": {}}}, "study.procedures: expected a list"),
        ({"study": {"procedures": [{"value": "1", "scheme": "SCT"}]}}, "study.procedures.0.meaning: expected a value"),
        (
            {"study": {"procedures": [{"value": "", "scheme": "a", "meaning": "b"}]}},
            "study.procedures.0.value: expected",
        ),
        ({"study": {"procedures": [{"value": "1", "scheme": "a", "meaning": "b"}] * 21}}, "at most 20 of them"),
        ({"study": {"uid": "1.02"}}, "study.uid: expected a UID"),
        ({"series": {"operators": ["a", "x" * 65]}}, "series.operators.1: expected a name"),
        ({"series": {"bodyPart": "stomach"}}, "series.bodyPart: expected capital letters"),
        ({"series": {"number": True}}, "series.number: expected a whole number"),
        ({"instanceNumber": -1}, "instanceNumber: expected a number from 0"),
        ({"instanceNumber": 1.5}, "instanceNumber: expected a whole number"),
        ({"orientation": ["L"]}, "orientation: expected a list of 2"),
        ({"orientation": ["L", "up"]}, "orientation.1: expected letters"),
        ({"preset": "x"}, "preset: x is not to be had here. It may be endoscopy,"),
        ({"modality": "CT"}, "modality: CT is not to be had here. It may be ES,"),
        ({"preset": "ophthalmology"}, "laterality: expected R, L or B"),
        ({"preset": "ophthalmology", "laterality": "R"}, "acquired: expected when it was recorded"),
        ({"synchronization": {}}, "synchronization.frameOfReferenceUid: expected a value"),
        ({"comments": "x" * 10241}, "comments: expected a text of at most 10240"),
        ({"references": [{"sopClassUid": "1", "sopInstanceUid": "1", "frames": [1] * 1001}]}, "at most 1000 of them"),
    ],
)
def test_what_is_wrong_is_told_by_its_field(told: object, text: str) -> None:
    with pytest.raises(Refused) as found:
        sidecar.read(json.dumps(told).encode())
    assert found.value.code is Reason.BAD_METADATA
    assert text in str(found.value)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff", b"[" * 100_000, b'{"instanceNumber": NaN}', b'{"a": Infinity}']
)
def test_what_is_no_json_is_refused(content: bytes) -> None:
    with pytest.raises(Refused, match="not JSON"):
        sidecar.read(content)


def test_a_sidecar_is_bounded(tmp_path: Path) -> None:
    file = tmp_path / "film.json"
    file.write_bytes(b" " * (sidecar.MAX_SIZE + 1))
    with pytest.raises(Refused, match="more than"):
        sidecar.read(file)


def test_the_schema_knows_what_is_taken() -> None:
    schema = sidecar.schema()
    assert EXAMPLE.keys() <= schema["properties"].keys()
    assert "seed" not in schema["properties"]
    assert schema["properties"]["patient"]["properties"]["sex"]["enum"] == ["M", "F", "O", ""]
    assert schema["properties"]["synchronization"]["anyOf"][0]["required"] == ["frameOfReferenceUid"]
    assert schema["properties"]["orientation"]["anyOf"][0]["minItems"] == 2


def test_the_documented_sidecar_is_taken() -> None:
    text = (Path(__file__).parents[3] / "docs/video.md").read_text(encoding="utf-8")
    example = text.split("### Sidecars", 1)[1].split("```json\n", 1)[1].split("```", 1)[0]
    assert sidecar.read(example.encode()).anatomy is not None
