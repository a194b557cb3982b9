"""The client library of SMART (fhirclient) speaks with this server: it reads, searches, orders and books."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from fhirclient.models.appointment import Appointment
from fhirclient.models.endpoint import Endpoint
from fhirclient.models.imagingstudy import ImagingStudy
from fhirclient.models.patient import Patient
from fhirclient.models.servicerequest import ServiceRequest
from fhirclient.server import FHIRNotFoundException, FHIRServer
from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter

from apps.accounts.models import Practice
from apps.worklist.models import ScheduledStep
from tests.fhir.speaking import order, person, visit
from tests.worklist.arriving import arrive


class InProcess(BaseAdapter):
    """Brings what `requests` sends to the server within this process."""

    def __init__(self, client: Client) -> None:
        super().__init__()
        self.client = client

    def send(self, request: PreparedRequest, **_: Any) -> Response:  # type: ignore[override]
        parts = urlsplit(str(request.url))
        sent = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in request.headers.items()}
        kind = str(sent.pop("HTTP_CONTENT_TYPE", "")) or "application/octet-stream"
        sent.pop("HTTP_CONTENT_LENGTH", None)
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        answer = self.client.generic(
            str(request.method), f"{parts.path}?{parts.query}", body, content_type=kind, **sent
        )  # type: ignore[arg-type]
        response = Response()
        response.status_code, response._content, response.url = answer.status_code, answer.content, str(request.url)
        response.headers.update(answer.headers)
        response.request = request
        return response

    def close(self) -> None:
        return None


@pytest.fixture
def server(client: Client) -> FHIRServer:
    server = FHIRServer(None, "http://testserver/api/fhir")
    server.session.mount("http://testserver", InProcess(client))
    return server


def test_it_reads_what_the_server_can(server: FHIRServer) -> None:
    statement = server.capabilityStatement
    assert (statement.fhirVersion, statement.software.name) == ("4.0.1", "Fovea")
    kinds = {each.type: {done.code for done in each.interaction} for each in statement.rest[0].resource}
    assert kinds["ServiceRequest"] == {"read", "search-type", "create", "update"}
    assert kinds["ImagingStudy"] == {"read", "search-type"}


def test_a_modern_system_orders_books_and_finds_the_images(server: FHIRServer, practice: Practice) -> None:
    jane = Patient(Patient(person()).create(server))
    assert Patient.read(jane.id, server).name[0].family == "Doe"
    (same,) = Patient.where({"identifier": "https://clinic.example/patients|P-7"}).perform_resources_iter(server)
    assert same.id == jane.id
    ordered = ServiceRequest(ServiceRequest(order(f"Patient/{jane.id}")).create(server))
    booked = Appointment(visit(f"Patient/{jane.id}", basedOn=[{"reference": f"ServiceRequest/{ordered.id}"}]))
    made = Appointment(booked.create(server))
    made.status = "arrived"
    assert made.update(server)["status"] == "arrived"
    step = ScheduledStep.objects.get()
    study = arrive(practice, PatientID=step.patient_id, StudyInstanceUID=step.study_instance_uid)
    ScheduledStep.objects.filter(pk=step.pk).update(study=study)
    (images,) = ImagingStudy.where({"basedon": f"ServiceRequest/{ordered.id}"}).perform_resources_iter(server)
    assert images.identifier[0].value == f"urn:oid:{step.study_instance_uid}"
    endpoint = Endpoint.read(images.endpoint[0].reference.partition("/")[2], server)
    assert endpoint.address.endswith("/dicom-web")


def test_it_follows_pages_and_what_is_included(server: FHIRServer, practice: Practice) -> None:
    for number in range(1, 4):
        arrive(practice, StudyInstanceUID=f"1.2.{number}", SeriesInstanceUID=f"1.2.{number}.1",
               SOPInstanceUID=f"1.2.{number}.1.1", PatientID=f"P{number}")  # fmt: skip
    search = ImagingStudy.where({"_count": "2", "_sort": "-started"}).include("subject")
    found = list(search.perform_resources_iter(server))
    assert sorted(type(each).__name__ for each in found) == ["ImagingStudy"] * 3 + ["Patient"] * 3


def test_it_is_told_what_there_is_not(server: FHIRServer) -> None:
    with pytest.raises(FHIRNotFoundException):
        Patient.read("lead-1", server)
