"""Corrections of what is stored, and everything that leaves."""

from io import BytesIO
from typing import Any

import pydicom
import pytest
from django.test import Client
from pydicom.dataset import FileDataset

from apps.accounts.models import Practice, User
from apps.accounts.principal import Principal
from apps.archive.models import Patient
from tests import dicoms
from tests.dicomweb.archive import ROOT, body, keep

A_STUDY, B_STUDY = dicoms.uid(30, 1), dicoms.uid(30, 2)


def of_study(uid: str, **attributes: Any) -> dict[str, Any]:
    """What makes a built object one of this study."""
    series = attributes.pop("series", 1)
    number = attributes.get("InstanceNumber", 1)
    uids = {"SeriesInstanceUID": f"{uid}.{series}", "SOPInstanceUID": f"{uid}.{series}.{number}"}
    return {"StudyInstanceUID": uid, **uids, **attributes}


def of_jane(**attributes: Any) -> bytes:
    """A slice of patient A: Jane Doe, P1."""
    return dicoms.ct_slice(**of_study(A_STUDY, **attributes))


def of_john(**attributes: Any) -> bytes:
    """A slice of patient B: John Roe, P2."""
    known = {"PatientName": "Roe^John", "PatientID": "P2", "PatientBirthDate": "19600203", "PatientSex": "M"}
    return dicoms.ct_slice(**of_study(B_STUDY, **(known | attributes)))


@pytest.fixture
def nora(user: User) -> Principal:
    return Principal.of(user)


@pytest.fixture
def jane(practice: Practice) -> Patient:
    keep(practice, of_jane())
    return Patient.objects.get(patient_id="P1")


@pytest.fixture
def john(practice: Practice) -> Patient:
    keep(practice, of_john())
    return Patient.objects.get(patient_id="P2")


def found(client: Client, query: str = "", at: str = "studies") -> list[dict[str, Any]]:
    """What a search of QIDO-RS gives."""
    answer: list[dict[str, Any]] = client.get(f"{ROOT}/{at}{query}", headers={"accept": "application/json"}).json()
    return answer


def names(client: Client, query: str = "") -> list[str]:
    """The names of the studies that are found."""
    return [row["00100010"]["Value"][0]["Alphabetic"] for row in found(client, query)]


def metadata(client: Client, where: str) -> list[dict[str, Any]]:
    answer: list[dict[str, Any]] = client.get(f"{ROOT}/{where}/metadata").json()
    return answer


def where(uid: str, series: int = 1, number: int = 1) -> str:
    """The address of an instance below the root."""
    return f"studies/{uid}/series/{uid}.{series}/instances/{uid}.{series}.{number}"


def file_bytes(client: Client, place: str) -> bytes:
    response = client.get(f"{ROOT}/{place}", headers={"accept": "application/dicom; transfer-syntax=*"})
    assert response.status_code == 200, response.content
    data = body(response)
    assert int(response["Content-Length"]) == len(data)
    return data


def file(client: Client, place: str) -> FileDataset:
    """An instance's file, as pydicom reads it."""
    return pydicom.dcmread(BytesIO(file_bytes(client, place)))


def everything(client: Client) -> list[Any]:
    """All that is told of all studies: searches, metadata and files."""
    studies = [row["0020000D"]["Value"][0] for row in found(client)]
    searches = (("", "studies"), ("?includefield=all", "instances"), ("", "series"))
    told: list[Any] = [sorted(found(client, *search), key=repr) for search in searches]
    for uid in sorted(studies):
        told.append(metadata(client, f"studies/{uid}"))
        places = [row["00081190"]["Value"][0] for row in found(client, f"?StudyInstanceUID={uid}", "instances")]
        told += [file_bytes(client, place.partition("/dicom-web/")[2]) for place in places]
    return told
