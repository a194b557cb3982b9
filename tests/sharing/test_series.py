"""A link to one series: no answer tells that the study has another."""

from io import BytesIO
from zipfile import ZipFile

import pytest

from tests import dicoms
from tests.sharing.conftest import BESIDE, SERIES, STUDY, NewLink, mounted
from tests.sharing.outside import Outside

BESIDE_INSTANCE = dicoms.uid(1, 2, 1)
HIDDEN = f"series/{BESIDE}/instances/{BESIDE_INSTANCE}"
MODALITIES, SERIES_COUNT, INSTANCE_COUNT = "00080061", "00201206", "00201208"


@pytest.fixture
def base(outside: Outside, new_link: NewLink) -> str:
    """The DICOMweb root below an open link to the CT series, whose files may be taken away."""
    link = new_link(series_instance_uid=SERIES, may_download=True)
    outside.open(link)
    return f"{mounted(link)}/dicom-web"


@pytest.mark.parametrize(
    "address",
    [
        "studies",
        "studies?includefield=all",
        "series?includefield=00080061,00201206,00201208",
        "instances?includefield=all",
        "series?includefield=all",
        f"studies/{STUDY}/series?includefield=all",
        f"studies/{STUDY}/instances?includefield=00201208,00201206,00080061",
    ],
)
def test_study_is_told_of_as_if_it_had_no_other(outside: Outside, base: str, address: str) -> None:
    found = outside.get(f"{base}/{address}").json()
    assert found
    for row in found:
        assert row[MODALITIES]["Value"] == ["CT"]
        assert (row[SERIES_COUNT]["Value"], row[INSTANCE_COUNT]["Value"]) == ([1], [2])


@pytest.mark.parametrize(
    ("address", "count"),
    [
        ("studies", 1),
        ("series", 1),
        ("instances", 2),
        (f"studies/{STUDY}/series", 1),
        (f"studies/{STUDY}/instances", 2),
        (f"studies/{STUDY}/series/{SERIES}/instances", 2),
        (f"studies/{STUDY}/series/{BESIDE}/instances", 0),
    ],
)
def test_searches_find_the_series_alone(outside: Outside, base: str, address: str, count: int) -> None:
    found = outside.get(f"{base}/{address}")
    assert (len(found.json()), found.headers.get("X-Total-Count")) == (count, str(count))
    assert BESIDE not in found.text
    limited = outside.get(f"{base}/{address}?limit=1")
    assert "results" not in limited.headers.get("Warning", "") or count == 2


@pytest.mark.parametrize(
    "key",
    [
        "ModalitiesInStudy=OT",
        "ModalitiesInStudy=O*",
        "Modality=OT",
        f"SeriesInstanceUID={BESIDE}",
        "SeriesNumber=1",
        "SeriesDescription=Beside",
        f"SOPInstanceUID={BESIDE_INSTANCE}",
        "SOPClassUID=1.2.840.10008.5.1.4.1.1.7",
        "Modality=CT&SOPClassUID=1.2.840.10008.5.1.4.1.1.7",
        "ModalitiesInStudy=CT&Modality=OT",
    ],
)
@pytest.mark.parametrize("level", ["studies", "series", "instances"])
def test_no_key_finds_what_is_hidden(outside: Outside, base: str, level: str, key: str) -> None:
    assert outside.get(f"{base}/{level}?{key}").json() == []


@pytest.mark.parametrize("key", ["ModalitiesInStudy=CT", "ModalitiesInStudy=C*", "Modality=CT", "SeriesNumber=2"])
def test_keys_find_what_is_shared(outside: Outside, base: str, key: str) -> None:
    assert len(outside.get(f"{base}/studies?{key}").json()) == 1


def test_what_is_looked_up_in_a_header_is_the_series_own(outside: Outside, base: str) -> None:
    """The study's first instance is of the other series."""
    (row,) = outside.get(f"{base}/studies?includefield=all&includefield=00080064").json()
    assert "00080064" not in row


@pytest.mark.parametrize("what", ["metadata", "rendered", "thumbnail"])
def test_of_the_study_there_is_the_series(outside: Outside, base: str, what: str) -> None:
    study, series = (outside.get(f"{base}/{address}/{what}") for address in (f"studies/{STUDY}", of(SERIES)))
    assert (study.status, study.body) == (200, series.body)
    assert study.headers["ETag"] == series.headers["ETag"]


@pytest.mark.parametrize("media_type", ["application/zip", 'multipart/related; type="application/dicom"'])
def test_files_of_the_study_are_those_of_the_series(outside: Outside, base: str, media_type: str) -> None:
    answer = outside.get(f"{base}/studies/{STUDY}", headers={"Accept": media_type})
    assert answer.status == 200
    if media_type == "application/zip":
        assert len(ZipFile(BytesIO(answer.body)).namelist()) == 2
    else:
        assert answer.body.count(b"Content-Type: application/dicom") == 2
    assert BESIDE.encode() not in answer.body
    assert b"Beside" not in answer.body


@pytest.mark.parametrize(
    "hidden",
    ["", "/metadata", "/rendered", "/thumbnail", f"/instances/{BESIDE_INSTANCE}"]
    + [f"/instances/{BESIDE_INSTANCE}{what}" for what in ("/metadata", "/rendered", "/thumbnail", "/frames/1")]
    + [f"/instances/{BESIDE_INSTANCE}{what}" for what in ("/frames/1/rendered", "/bulkdata/7FE00010")],
)
def test_the_other_series_is_as_if_it_were_not(outside: Outside, base: str, hidden: str) -> None:
    accept = {"Accept": "*/*, multipart/related"}
    there, absent = (outside.get(f"{base}/{of(uid)}{hidden}", headers=accept) for uid in (BESIDE, dicoms.uid(77)))
    assert there.status == absent.status == 404
    assert there.json()["detail"] == absent.json()["detail"]


def test_by_wado_uri(outside: Outside, base: str) -> None:
    query = f"requestType=WADO&studyUID={STUDY}&seriesUID={BESIDE}&objectUID={BESIDE_INSTANCE}"
    assert outside.get(f"{base.removesuffix('/dicom-web')}/wado?{query}").status == 404


def of(series: str) -> str:
    return f"studies/{STUDY}/series/{series}"
