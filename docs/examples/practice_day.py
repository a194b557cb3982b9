#!/usr/bin/env python3
"""A day of a practice-management system with Fovea: leads, an appointment, a device, its X-ray, and whose it is.

    pip install pynetdicom
    python docs/examples/practice_day.py --url http://127.0.0.1:8000 --user admin --password ...

It speaks HTTP by the standard library, and DICOM as a panoramic X-ray device by pynetdicom. What it needs can also come
from the environment: FOVEA_URL, FOVEA_USER, FOVEA_PASSWORD or FOVEA_TOKEN, FOVEA_DICOM (HOST:PORT). The user may do
everything here, as the first one of a new site may; use a practice that is made for trying things out. It ends with 1,
and says why, when something is not as it should be. It can be run again.
"""

import argparse
import base64
import json
import os
import struct
import sys
import time
import urllib.error
import urllib.request
import uuid
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid
from pynetdicom import AE

DEVICE = "PRACTICEDAY"
WORKLIST = "1.2.840.10008.5.1.4.31"
XRAY_IMAGE = "1.2.840.10008.5.1.4.1.1.1.1"
PATIENCE = 60
# What a device takes over from its worklist into the images.
COPIED = ("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyInstanceUID", "AccessionNumber")
LEADS = [
    {"externalId": "day-1", "familyName": "Bergström", "givenName": "Ingrid", "birthDate": "1961-07-19", "sex": "F"},
    {"externalId": "day-2", "familyName": "Okafor", "givenName": "Chidi", "birthDate": "1994-11-02", "sex": "M"},
    {"externalId": "day-3", "familyName": "Nguyễn", "givenName": "Linh", "birthDate": "2011-03-30", "sex": "F"},
]


class Unexpected(Exception):
    """Something is not as it should be."""


class Fovea:
    """Its REST API. What is not answered in the twos is a problem document, which says what to do."""

    def __init__(self, url: str, authorization: str) -> None:
        self.url, self.authorization = url.rstrip("/"), authorization

    def ask(
        self, method: str, path: str, body: Any = None, content_type: str = "application/json", **headers: str
    ) -> tuple[int, Any]:
        """The status and the answer, JSON where it is."""
        data = json.dumps(body).encode() if isinstance(body, dict | list) else body
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        asked = urllib.request.Request(self.url + path, data, method=method, headers=named)
        asked.add_header("Authorization", self.authorization)
        if data is not None:
            asked.add_header("Content-Type", content_type)
        try:
            with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:
                return answer.status, read(answer)
        except urllib.error.HTTPError as refused:
            return refused.code, read(refused)

    def get(self, path: str) -> Any:
        return self.expect((200,), "GET", path)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.expect((200, 201, 202), "POST", path, {} if body is None else body, **headers)

    def expect(self, statuses: tuple[int, ...], method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The answer, which must have one of these statuses."""
        status, answer = self.ask(method, path, body, **headers)
        check(status in statuses, f"{method} {path} was answered with {status}: {answer}")
        return answer

    def upload(self, path: str, fields: list[Any], files: list[Any], **headers: str) -> Any:
        """A form with files: lists of (name, value), and of (name, file name, bytes)."""
        boundary = uuid.uuid4().hex
        parts = [disposition(boundary, f'name="{name}"') + str(value).encode() for name, value in fields]
        parts += [disposition(boundary, f'name="{name}"; filename="{file}"') + data for name, file, data in files]
        body = b"\r\n".join([*parts, f"--{boundary}--\r\n".encode()])
        kind = f"multipart/form-data; boundary={boundary}"
        return self.expect((200, 201, 202), "POST", path, body, content_type=kind, **headers)


def check(is_so: object, words: str) -> None:
    if not is_so:
        raise Unexpected(words)


def read(answer: Any) -> Any:
    body = answer.read()
    return json.loads(body) if "json" in answer.headers.get("Content-Type", "") else body


def disposition(boundary: str, named: str) -> bytes:
    return f"--{boundary}\r\nContent-Disposition: form-data; {named}\r\n\r\n".encode()


def wait_for(what: str, ask: Callable[[], Any]) -> Any:
    """What `ask` gives, once it gives something; webhooks or a longer pause are kinder in a real program."""
    deadline = time.monotonic() + PATIENCE
    while not (found := ask()):
        check(time.monotonic() < deadline, f"{what} did not come in {PATIENCE} seconds")
        time.sleep(0.3)
    return found


def introduce_device(fovea: Fovea) -> str:
    """Let the device call this server, once for all: it may store, and ask for the worklist. Returns our AE title."""
    own = fovea.get("/api/application-entities")["results"]
    check(own, "this server has no AE title: add one in the admin (Devices)")
    ours = own[0]
    if not fovea.get(f"/api/remotes?title={DEVICE}")["results"]:
        fovea.post("/api/remotes", {
            "practice": ours["practice"], "name": "Panoramic X-ray of the practice's day", "title": DEVICE,
            "networks": "127.0.0.1", "services": ["echo", "store", "worklist"],
        })  # fmt: skip
    return ours["title"]


def bring_leads(fovea: Fovea) -> dict[str, int]:
    """All leads at once. Sending them again changes nothing."""
    fovea.post("/api/leads/bulk", {"leads": LEADS})
    again = fovea.post("/api/leads/bulk", {"leads": LEADS})
    check(again["same"] == len(LEADS), f"leads that were sent again changed: {again}")
    return {row["externalId"]: row["id"] for row in again["results"]}


def book(fovea: Fovea, lead_id: int, run: str) -> Any:
    """An appointment at the device, sent twice as after a lost answer: it is booked once."""
    start = (datetime.now(UTC) + timedelta(minutes=5)).replace(microsecond=0)
    wanted = {
        "externalId": f"visit-{run}", "leadId": lead_id, "startAt": start.isoformat(), "modality": "PX",
        "stationTitle": DEVICE, "description": "Panoramic X-ray",
    }  # fmt: skip
    first = fovea.post("/api/appointments", wanted, Idempotency_Key=f"book-{run}")
    again = fovea.post("/api/appointments", wanted, Idempotency_Key=f"book-{run}")
    check(first["id"] == again["id"], "an appointment that was sent twice was booked twice")
    check(first["step"]["state"] == "scheduled", f"the device is not told of the appointment: {first}")
    return first


def ask_worklist(dicom: str, ours: str, appointment: Any) -> Dataset:
    """What the device is told of the appointment (PS3.4 K)."""
    keys = Dataset()
    for keyword in (*COPIED, "RequestedProcedureID"):
        setattr(keys, keyword, "")
    keys.AccessionNumber = appointment["step"]["accessionNumber"]
    step = Dataset()
    step.Modality, step.ScheduledStationAETitle = "PX", DEVICE
    step.ScheduledProcedureStepID = step.ScheduledProcedureStepStartDate = ""
    keys.ScheduledProcedureStepSequence = [step]
    with association(dicom, ours, WORKLIST) as device:
        answers = [answer for _, answer in device.send_c_find(keys, WORKLIST) if answer is not None]
    check(len(answers) == 1, f"the worklist has {len(answers)} entries for this appointment, not one")
    check(str(answers[0].PatientName).startswith("Bergström^Ingrid"), f"it names {answers[0].PatientName}")
    return answers[0]


def take_xray(dicom: str, ours: str, planned: Dataset) -> str:
    """The device makes an image, copies into it what the worklist said, and stores it (PS3.4 K.6.1.2.2, B)."""
    image = xray_of(planned)
    with association(dicom, ours, XRAY_IMAGE) as device:
        status = device.send_c_store(image)
    check(status and status.Status == 0, f"C-STORE was answered with {status}")
    return str(image.StudyInstanceUID)


def xray_of(planned: Dataset) -> Dataset:
    """64 by 64 grey pixels of a digital X-ray (PS3.3 A.26)."""
    image = Dataset()
    for keyword in (
        "PatientName",
        "PatientID",
        "PatientBirthDate",
        "PatientSex",
        "StudyInstanceUID",
        "AccessionNumber",
    ):
        setattr(image, keyword, planned.get(keyword, ""))
    image.SpecificCharacterSet = "ISO_IR 192"
    image.SOPClassUID, image.SOPInstanceUID, image.SeriesInstanceUID = XRAY_IMAGE, generate_uid(), generate_uid()
    image.Modality, image.StationName, image.InstanceNumber = "PX", DEVICE, 1
    now = datetime.now().astimezone()
    image.StudyDate = image.ContentDate = now.strftime("%Y%m%d")
    image.StudyTime = image.ContentTime = now.strftime("%H%M%S")
    image.ReferringPhysicianName = image.StudyID = ""
    request, step = Dataset(), planned.ScheduledProcedureStepSequence[0]
    request.ScheduledProcedureStepID = step.ScheduledProcedureStepID
    request.RequestedProcedureID = planned.RequestedProcedureID
    image.RequestAttributesSequence = [request]
    image.SamplesPerPixel, image.PhotometricInterpretation = 1, "MONOCHROME2"
    image.Rows = image.Columns = 64
    image.BitsAllocated = image.BitsStored = 8
    image.HighBit, image.PixelRepresentation = 7, 0
    image.PixelData = os.urandom(64 * 64)
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    image.file_meta.MediaStorageSOPClassUID = XRAY_IMAGE
    image.file_meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID
    return image


@contextmanager
def association(dicom: str, ours: str, sop_class: str) -> Iterator[Any]:
    """An association of the device, until the block ends."""
    host, _, port = dicom.rpartition(":")
    entity = AE(DEVICE)
    entity.add_requested_context(sop_class, ExplicitVRLittleEndian)
    device = entity.associate(host, int(port), ae_title=ours)
    check(
        device.is_established,
        f"nobody at {dicom} lets the device in: is it the server's (--dicom)? See Unknown callers in the admin",
    )
    try:
        yield device
    finally:
        device.release()


def see_match(fovea: Fovea, study: str, appointment: Any, lead_id: int) -> tuple[Any, str]:
    """The study becomes the lead's by itself, and the appointment shows it."""
    match = wait_for("the match", lambda: matched(fovea, study))
    check(match["leadId"] == lead_id, f"the X-ray is not the lead's: {match}")
    shown = wait_for("the appointment's study", lambda: with_study(fovea, appointment["id"]))
    check(shown["study"]["studyInstanceUid"] == study, f"the appointment has another study: {shown}")
    check(shown["state"] in ("arrived", "fulfilled"), f"the appointment does not know that it has begun: {shown}")
    return match, fovea.url + shown["study"]["viewerUrl"]


def with_study(fovea: Fovea, appointment: int) -> Any:
    """The appointment, once its images are known to be its own."""
    shown = fovea.get(f"/api/appointments/{appointment}")
    return shown if shown["study"] else None


def matched(fovea: Fovea, study: str) -> Any:
    status, match = fovea.ask("GET", f"/api/studies/{study}/match")
    return match if status == 200 and match["state"] != "pending" else None


def upload_photo(fovea: Fovea, lead_id: int, run: str) -> Any:
    """A photograph by REST: it becomes a DICOM object of the lead's. Sent again with the same key, it is one still."""
    fields = [("leadId", lead_id), ("xrayType", "PHOTO"), ("userId", "reception-2"), ("notes", "Before treatment")]
    files = [("file", "smile.png", picture())]
    first = fovea.upload("/api/dental/xrays", fields, files, Idempotency_Key=f"photo-{run}")
    again = fovea.upload("/api/dental/xrays", fields, files)
    check(first["id"] == again["id"], "a photograph that was sent twice was stored twice")
    check(first["match"]["leadId"] == lead_id, f"the photograph is not the lead's: {first['match']}")
    return first


def bring_batch(fovea: Fovea, lead_id: int) -> dict[str, int]:
    """A zip of photographs and of something that is no picture, as a job that tells what became of each."""
    zipped = BytesIO()
    with ZipFile(zipped, "w") as archive:
        for number in range(3):
            archive.writestr(f"photo-{number}.png", picture())
        archive.writestr("readme.jpg", b"no picture at all")
    fields = [("leadId", lead_id), ("xrayType", "PHOTO")]
    batch = fovea.upload("/api/dental/xrays/batch", fields, [("files", "old-pc.zip", zipped.getvalue())])
    done = wait_for("the end of the batch", lambda: ended(fovea, batch["jobId"]))
    counts = done["counts"]
    check(counts["stored"] + counts["picture"] == 3, f"not all photographs of the batch were stored: {done}")
    check(counts["refused"] + counts["skipped"] == 1, f"what is no picture was taken for one: {done}")
    return counts


def ended(fovea: Fovea, job: int) -> Any:
    batch = fovea.get(f"/api/dental/xrays/batch?jobId={job}")
    return batch if batch["state"] in ("done", "failed", "cancelled") else None


def make_mistakes(fovea: Fovea, lead_id: int) -> None:
    """What is wrong is said with the field that it is about, and nothing is half done."""
    status, problem = fovea.ask("POST", "/api/appointments", {"leadId": 2**40, "startAt": "2030-01-01T09:00"})
    check((status, problem["errors"][0]["field"]) == (400, "leadId"), f"an unknown lead was answered with {problem}")
    status, problem = fovea.ask("POST", "/api/appointments", {"leadId": lead_id})
    check((status, problem["errors"][0]["field"]) == (400, "startAt"), f"no time was answered with {problem}")


def picture() -> bytes:
    """A PNG of 32 by 32 random grey pixels."""
    lines = b"".join(b"\x00" + os.urandom(32) for _ in range(32))
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", 32, 32, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(lines)),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def live_a_day(fovea: Fovea, dicom: str) -> None:
    """The whole of it, told step by step."""
    run = uuid.uuid4().hex[:8]
    me = fovea.get("/api/me")
    print(f"Signed in as {me['username']}.")
    ours = introduce_device(fovea)
    leads = bring_leads(fovea)
    print(f"{len(leads)} leads are known, and were the same when they were sent again.")
    lead_id = leads["day-1"]
    appointment = book(fovea, lead_id, run)
    print(f"Appointment {appointment['id']} is booked, accession number {appointment['step']['accessionNumber']}.")
    planned = ask_worklist(dicom, ours, appointment)
    print(f"The device is told: {planned.PatientName}, {planned.PatientID}.")
    fovea.post(f"/api/appointments/{appointment['id']}/arrive")
    study = take_xray(dicom, ours, planned)
    match, viewer = see_match(fovea, study, appointment, lead_id)
    print(f"Its X-ray has come, and is lead {match['leadId']}'s ({match['how']}).\nLook at it: {viewer}")
    fovea.post(f"/api/appointments/{appointment['id']}/fulfil")
    photo = upload_photo(fovea, leads["day-2"], run)
    print(f"A photograph was uploaded: X-ray {photo['id']}, {photo['viewerUrl']}")
    counts = bring_batch(fovea, leads["day-3"])
    print(f"A batch was taken in: {counts}")
    of_lead = fovea.get(f"/api/dental/xrays?leadId={lead_id}")["results"]
    check(study in {xray["studyInstanceUid"] for xray in of_lead}, "the lead's X-rays lack the one of today")
    make_mistakes(fovea, lead_id)
    print("All is as it should be.")


def options() -> argparse.Namespace:
    known = os.environ.get
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", default=known("FOVEA_URL", "http://127.0.0.1:8000"))
    parser.add_argument("--user", default=known("FOVEA_USER", "admin"))
    parser.add_argument("--password", default=known("FOVEA_PASSWORD", ""))
    parser.add_argument("--token", default=known("FOVEA_TOKEN", ""), help="in place of user and password")
    parser.add_argument("--dicom", default=known("FOVEA_DICOM", "127.0.0.1:11112"), metavar="HOST:PORT")
    return parser.parse_args()


def main() -> int:
    given = options()
    basic = base64.b64encode(f"{given.user}:{given.password}".encode()).decode()
    fovea = Fovea(given.url, f"Bearer {given.token}" if given.token else f"Basic {basic}")
    try:
        live_a_day(fovea, given.dicom)
    except (Unexpected, urllib.error.URLError, OSError) as wrong:
        print(f"Not as it should be: {wrong}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
