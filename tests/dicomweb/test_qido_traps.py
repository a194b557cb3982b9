"""What real clients trip over when they search: one test for each trap, at the address that they ask (PS3.18 10.6)."""

from typing import Any

import pytest
from django.test import Client
from pydicom.dataset import Dataset

from apps.accounts.models import Practice, User
from apps.archive.store import Batch, Origin
from apps.audit import access
from apps.audit.models import Event
from tests import dicoms
from tests.conftest import client_of
from tests.rights import give

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore:Invalid value for VR")]

ROOT = "/dicom-web"
STUDY, SERIES = dicoms.uid(9, 1), dicoms.uid(9, 1, 1)

Rows = list[dict[str, Any]]


def requests(*items: tuple[str, str]) -> list[Dataset]:
    """A Request Attributes Sequence of these steps and procedures."""
    sequence = []
    for step, procedure in items:
        item = Dataset()
        item.ScheduledProcedureStepID, item.RequestedProcedureID = step, procedure
        sequence.append(item)
    return sequence


def slice_of(number: int, series: int = 1, instance: int = 1, **attributes: Any) -> bytes:
    uids = {
        "StudyInstanceUID": dicoms.uid(9, number),
        "SeriesInstanceUID": dicoms.uid(9, number, series),
        "SOPInstanceUID": dicoms.uid(9, number, series, instance),
    }
    return dicoms.ct_slice(**(uids | {"StudyID": str(number), "SeriesNumber": str(series)} | attributes))


def put(practice: Practice, *objects: bytes) -> None:
    with Batch(Origin("test", practice.pk, "test")) as batch:
        for data in objects:
            batch.receive([data])
        batch.commit()


@pytest.fixture(autouse=True)
def studies(practice: Practice) -> None:
    put(
        practice,
        slice_of(
            1,
            PatientName="Yamada^Tarou=山田^太郎=やまだ^たろう",
            PatientID="A,1",
            StudyDate="1997.04.24",
            StudyTime="10:15:00",
            ReferringPhysicianName="Rowan^Ray",
            AccessionNumber="ACC1",
            PerformedProcedureStepStartDate="19970424",
            PerformedProcedureStepStartTime="101500",
            RequestAttributesSequence=requests(("S1", "P1"), ("S2", "P2")),
        ),
        slice_of(1, 2, Modality="PT"),
        slice_of(2, PatientName="Müller^Jürgen", PatientID="B", StudyDate="20240229", Modality="MR"),
        slice_of(3, PatientName="Mueller^Georg", PatientID="C", StudyDate="20240301", SeriesNumber=None),
    )


def found(client: Client, query: str, path: str = "/studies") -> Rows:
    response = client.get(f"{ROOT}{path}?{query}")
    assert response.status_code == 200, response.content
    rows: Rows = response.json()
    return rows


def ids(rows: Rows) -> list[str]:
    return sorted(row["00200010"]["Value"][0] for row in rows)


@pytest.mark.parametrize(
    "query",
    [
        "PatientID=A%2C1",
        "AccessionNumber=ACC%2A",
        "AccessionNumber=ACC%3F",
        "PatientName=Yamada%5ETarou%3D%E5%B1%B1%E7%94%B0%5E%E5%A4%AA%E9%83%8E",
        f"StudyInstanceUID={STUDY}%5C1.2.3",
        f"StudyInstanceUID={STUDY}%2C1.2.3",
    ],
)
def test_percent_encoded_separators_and_wildcards_are_decoded_first(query: str, client: Client) -> None:
    """PS3.18 8.3.1."""
    assert ids(found(client, query)) == ["1"]


@pytest.mark.parametrize(
    "name",
    ["RequestAttributesSequence.RequestedProcedureID", "00400275.00401001", "RequestAttributesSequence.00401001"],
)
def test_attributes_are_spelt_by_keyword_tag_and_path(name: str, client: Client) -> None:
    """PS3.18 8.3.4.1."""
    assert ids(found(client, f"{name}=P2")) == ["1"]


def test_an_unknown_parameter_is_no_error(client: Client) -> None:
    """PS3.18 8.3.4."""
    assert ids(found(client, "patientname=nobody&_=1700000000&PatientID=B")) == ["2"]


@pytest.mark.parametrize("path", ["/studies", "/series", "/instances"])
def test_no_match_is_200_with_an_empty_list(path: str, client: Client) -> None:
    """PS3.18 8.3.4.4.1."""
    assert found(client, "PatientID=nobody", path) == []


def test_an_unknown_parent_is_an_empty_list(client: Client) -> None:
    """PS3.18 10.6.3."""
    for path in ("/studies/1.2.3/series", "/studies/1.2.3/instances", f"/studies/{STUDY}/series/1.2.3/instances"):
        assert found(client, "", path) == []


def test_what_is_left_over_is_said_and_pages_do_not_repeat(client: Client) -> None:
    """PS3.18 8.3.4.4."""
    pages = [client.get(f"{ROOT}/studies?limit=1&offset={offset}") for offset in range(4)]
    assert [ids(page.json()) for page in pages] == [["3"], ["2"], ["1"], []]
    said = [page.headers.get("Warning") for page in pages]
    assert said[0] == '299 fovea "There are 2 additional results that can be requested"'
    assert said[2:] == [None, None]
    assert [page.headers.get("X-Total-Count") for page in pages[:3]] == ["3"] * 3


@pytest.mark.parametrize(
    "query",
    [
        "includefield=PatientAge&includefield=SliceThickness",
        "includefield=PatientAge,00180050",
        "includefield=all",
        "includefield=ALL&includefield=all",
        "PatientAge=&SliceThickness=",
    ],
)
def test_fields_are_included_by_repetition_list_all_and_empty_key(
    query: str, practice: Practice, client: Client
) -> None:
    """PS3.18 8.3.4.3."""
    put(practice, slice_of(4, PatientAge="050Y"))
    (row,) = found(client, query, f"/studies/{dicoms.uid(9, 4)}/instances")
    assert (row["00101010"]["Value"], row["00180050"]["Value"]) == (["050Y"], [2])


def test_a_sequence_is_included_whole_by_the_path_of_an_attribute_in_it(client: Client) -> None:
    """PS3.18 8.3.4.3."""
    (row,) = found(
        client,
        "includefield=RequestAttributesSequence.RequestedProcedureID&SeriesNumber=1",
        f"/studies/{STUDY}/series",
    )
    assert [item["00401001"]["Value"] for item in row["00400275"]["Value"]] == [["P1"], ["P2"]]


def test_a_private_field_is_included_with_its_creator(practice: Practice, client: Client) -> None:
    """PS3.18 8.3.4.3, PS3.5 7.8.1."""
    dataset = dicoms.ct_dataset(StudyInstanceUID=dicoms.uid(9, 5))
    dataset.private_block(0x0009, "FOVEA TESTS", create=True).add_new(1, "LO", "kept")
    put(practice, dicoms.part10(dataset))
    (row,) = found(client, "includefield=00091001", f"/studies/{dicoms.uid(9, 5)}/instances")
    assert (row["00091001"]["Value"], row["00090010"]["Value"]) == (["kept"], ["FOVEA TESTS"])


def test_a_field_that_is_a_key_too_is_returned_once(client: Client) -> None:
    """PS3.18 8.3.4.3."""
    response = client.get(f"{ROOT}/studies?PatientID=B&includefield=PatientID")
    assert response.content.count(b'"00100020"') == 1


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/studies", "StudyDate=19970424&StudyTime=1015"),
        ("/studies", "AccessionNumber=ACC1"),
        ("/studies", "ModalitiesInStudy=PT"),
        ("/studies", "ReferringPhysicianName=rowan*"),
        ("/studies", "PatientName=Yamada*"),
        ("/studies", "PatientID=A,1"),
        ("/studies", f"StudyInstanceUID={STUDY}"),
        ("/studies", "StudyID=1"),
        ("/series", "Modality=PT"),
        ("/series", f"SeriesInstanceUID={SERIES}"),
        ("/series", "SeriesNumber=2"),
        ("/series", "PerformedProcedureStepStartDate=19970424&PerformedProcedureStepStartTime=1015"),
        ("/series", "RequestAttributesSequence.ScheduledProcedureStepID=S1"),
        ("/series", "RequestAttributesSequence.RequestedProcedureID=P?"),
        ("/instances", f"SOPInstanceUID={dicoms.uid(9, 1, 2, 1)}"),
        ("/instances", f"SOPClassUID=1.2.840.10008.5.1.4.1.1.2&StudyInstanceUID={STUDY}&SeriesNumber=1"),
        ("/instances", f"InstanceNumber=1&SeriesInstanceUID={SERIES}"),
    ],
)
def test_every_required_key_is_matched(path: str, query: str, client: Client) -> None:
    """PS3.18 table 10.6.1-5."""
    response = client.get(f"{ROOT}{path}?{query}")
    assert ids(response.json()) == ["1"]
    assert "Warning" not in response


def test_keys_of_a_sequence_match_within_one_item(client: Client) -> None:
    """PS3.4 C.2.2.2.6."""
    step, procedure = "RequestAttributesSequence.ScheduledProcedureStepID", "00400275.RequestedProcedureID"
    assert ids(found(client, f"{step}=S2&{procedure}=P2")) == ["1"]
    assert found(client, f"{step}=S1&{procedure}=P2") == []


@pytest.mark.parametrize("value", ["CT", "PT", "MR,PT", "MR%5CPT", "C*"])
def test_a_study_is_found_by_any_of_its_modalities(value: str, client: Client) -> None:
    """PS3.18 10.6.3.3.1, PS3.4 C.6.2.1."""
    rows = {row["00200010"]["Value"][0]: row for row in found(client, f"ModalitiesInStudy={value}")}
    assert rows["1"]["00080061"]["Value"] == ["CT", "PT"]


REQUIRED = {
    "/studies": "00080020 00080030 00080050 00080056 00080061 00080090 00081190 00100010 00100020 00100030 00100040"
    " 0020000D 00200010 00201206 00201208",
    "/series": "00080060 0008103E 00081190 0020000E 00200011 00201209 00400244 00400245 00400275",
    "/instances": "00080016 00080018 00080056 00081190 00200013 00280010 00280011 00280100",
}


@pytest.mark.parametrize("path", REQUIRED)
def test_required_attributes_are_returned_and_counts_are_numbers(path: str, client: Client) -> None:
    """PS3.18 tables 10.6.3-3 to 10.6.3-5."""
    rows = found(client, f"StudyInstanceUID={STUDY}", path)
    assert set(REQUIRED[path].split()) <= set(rows[0])
    assert rows[0]["00080005"]["Value"] == ["ISO_IR 192"]
    counts = [row[tag]["Value"][0] for row in rows for tag in ("00201206", "00201208", "00201209") if tag in row]
    assert all(isinstance(count, int) for count in counts)
    assert list(rows[0]) == sorted(rows[0])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("StudyDate=19970424", ["1"]),
        ("StudyDate=19970101-19971231", ["1"]),
        ("StudyDate=-19970424&StudyTime=-1014", []),
        ("StudyDate=19970424-&StudyTime=1016-", ["2", "3"]),
        ("StudyDate=20240229-", ["2", "3"]),
        ("PatientName=muller*", ["2"]),
        ("PatientName=%E5%B1%B1%E7%94%B0", ["1"]),
        ("PatientName=%E3%82%84%E3%81%BE%E3%81%A0*", ["1"]),
        ("PatientName=&StudyID=", ["1", "2", "3"]),
        (f"StudyInstanceUID={STUDY},{dicoms.uid(9, 2)}", ["1", "2"]),
        (f"StudyInstanceUID={STUDY}&StudyInstanceUID={dicoms.uid(9, 2)}", ["1", "2"]),
    ],
)
def test_lists_ranges_wildcards_and_universal_keys_match(query: str, expected: list[str], client: Client) -> None:
    """PS3.4 C.2.2.2."""
    assert ids(found(client, query)) == expected


def test_a_date_of_acr_nema_is_found_and_answered_as_it_is_stored(client: Client) -> None:
    """PS3.5 table 6.2-1."""
    (row,) = found(client, "StudyDate=19970401-19970430")
    assert row["00080020"]["Value"] == ["1997.04.24"]


@pytest.mark.parametrize(("asked", "expected"), [("miller", ["2"]), ("müler", ["2", "3"]), ("yamadda tarou", ["1"])])
def test_fuzzy_matching_forgives_sounds_and_slips(asked: str, expected: list[str], client: Client) -> None:
    """PS3.18 8.3.4.2."""
    assert ids(found(client, f"PatientName={asked}&fuzzymatching=true")) == expected
    assert found(client, f"PatientName={asked}&fuzzymatching=false") == []


@pytest.mark.parametrize("path", ["/series", "/instances"])
def test_rows_without_a_parent_name_their_study(path: str, client: Client) -> None:
    """PS3.18 10.6.3.3."""
    (row,) = found(client, "PatientID=B", path)
    assert row["0020000D"]["Value"] == [dicoms.uid(9, 2)]
    assert row["00100010"]["Value"] == [{"Alphabetic": "Müller^Jürgen"}]
    assert list(row) == sorted(row)


def test_a_study_that_several_practices_hold_is_searched_in_the_copy_that_is_retrieved(
    user: User, other_practice: Practice
) -> None:
    """PS3.18 10.6.1."""
    put(other_practice, slice_of(1, 1, 7, SeriesDescription="theirs"))
    give(user, other_practice)
    rows = found(client_of(user), "", f"/studies/{STUDY}/series/{SERIES}/instances")
    assert [row["00080018"]["Value"] for row in rows] == [[dicoms.uid(9, 1, 1, 1)]]
    assert ids(found(client_of(user), f"StudyInstanceUID={STUDY}")) == ["1", "1"]


@pytest.mark.parametrize("path", ["/studies", "/series", f"/studies/{STUDY}/instances"])
def test_an_answer_that_has_not_changed_is_not_sent_again(path: str, practice: Practice, client: Client) -> None:
    """PS3.18 8.4, RFC 9110 13.1.2."""
    first = client.get(f"{ROOT}{path}")
    again = client.get(f"{ROOT}{path}", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    put(practice, slice_of(1, 1, 9))
    changed = client.get(f"{ROOT}{path}", headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]


def test_searches_are_on_record_without_what_was_looked_for(client: Client) -> None:
    """PS3.15 A.5.3.10."""
    found(client, "PatientName=Yamada*&StudyDate=19970424")
    access.flush()
    event = Event.objects.get(action=Event.Action.QUERY)
    assert (event.actor, event.source, event.count) == ("nora", "QIDO-RS studies", 1)
    assert event.detail == "00100010 00080020"
