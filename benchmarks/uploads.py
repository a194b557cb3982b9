"""What an X-ray of 5 MB costs by POST /api/dental/xrays beside the same file by STOW-RS; in turns, in one process.

CPU and time from the request to its answer, through the whole of either stack (config/wsgi.py), on an index of its own.
"""

import io
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

ROUNDS, WARM = 40, 6
ROWS, COLUMNS = 1600, 1640
BOUNDARY = "fovea"
# Sends a body of a media type to a path; gives the status of the answer.
Post = Callable[[str, bytes, str], int]


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds of CPU of this process, and by the clock."""

    cpu: float
    clock: float


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="fovea-uploads-") as folder:
        post, lead = _set_up(folder)
        stows, uploads = [], []
        for number in range(WARM + ROUNDS):
            stow = _measured(post, "/dicom-web/studies", *_stow(x_ray(2 * number)))
            upload = _measured(post, "/api/dental/xrays", *_form(x_ray(2 * number + 1), lead))
            if number >= WARM:
                stows.append(stow)
                uploads.append(upload)
        print(_told(stows, uploads))


def _set_up(folder: str) -> tuple[Post, int]:
    """A site with a user and a lead; gives what sends a request and returns the status of its answer."""
    os.environ |= {
        "FOVEA_DATA": f"{folder}/data",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "FOVEA_LOG_LEVEL": "ERROR",
        "FOVEA_HOSTS": "localhost",
    }
    import django
    from django.core.management import call_command

    django.setup()
    from apps.accounts.models import Grant, Practice, Role, Token, User
    from apps.accounts.permissions import ALL
    from apps.practice.models import Lead
    from config.wsgi import application

    call_command("migrate", verbosity=0)
    practice = Practice.objects.create(name="Uploads")
    user = User.objects.create_user("bench", practice=practice)
    role = Role.objects.create(practice=practice, name="Bench", permissions=sorted(ALL))
    Grant.objects.create(user=user, practice=practice, role=role)
    lead = Lead.objects.create(practice=practice, family_name="Bench", given_name="Ann", external_id="BENCH")
    secret = Token.issue(user, "bench")[1]

    def post(path: str, body: bytes, media_type: str) -> int:
        answers: list[int] = []
        environ: dict[str, Any] = {
            "REQUEST_METHOD": "POST", "PATH_INFO": path, "SERVER_NAME": "localhost", "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "localhost", "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_TYPE": media_type, "CONTENT_LENGTH": str(len(body)), "HTTP_AUTHORIZATION": f"Bearer {secret}",
            "wsgi.input": io.BytesIO(body), "wsgi.url_scheme": "http", "wsgi.errors": io.StringIO(),
        }  # fmt: skip
        answer = application(environ, lambda status, _headers, _error=None: answers.append(int(status[:3])))
        b"".join(answer)
        return answers[0]

    return post, lead.pk


def x_ray(number: int) -> bytes:
    """A panoramic X-ray of 5 MB, a study of its own."""
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian

    uid = f"1.2.826.0.1.3680043.10.1561.9.{number + 1}"
    dataset = Dataset()
    dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.1.1"
    dataset.SOPInstanceUID, dataset.SeriesInstanceUID, dataset.StudyInstanceUID = f"{uid}.1.1", f"{uid}.1", uid
    dataset.Modality, dataset.PatientName, dataset.PatientID = "PX", "Bench^Ann", "BENCH"
    dataset.StudyDate = dataset.ContentDate = "20240506"
    dataset.Rows, dataset.Columns, dataset.SamplesPerPixel = ROWS, COLUMNS, 1
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 16, 12, 11, 0
    dataset.PhotometricInterpretation = "MONOCHROME2"
    pixels = np.random.default_rng(number).integers(0, 4096, ROWS * COLUMNS, dtype=np.uint16)
    dataset.PixelData = pixels.tobytes()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    file = io.BytesIO()
    dataset.save_as(file, enforce_file_format=True)
    return file.getvalue()


def _stow(file: bytes) -> tuple[bytes, str]:
    head = f"--{BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n".encode()
    body = head + file + f"\r\n--{BOUNDARY}--\r\n".encode()
    return body, f'multipart/related; type="application/dicom"; boundary={BOUNDARY}'


def _form(file: bytes, lead: int) -> tuple[bytes, str]:
    fields = {"leadId": str(lead), "xrayType": "PANORAMIC", "dateTaken": "2024-05-06", "userId": "bench"}
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="%s"'
    parts = "".join(f"{head % name}\r\n\r\n{value}\r\n" for name, value in fields.items())
    named = f'{parts}{head % "file"}; filename="a.dcm"\r\n\r\n'.encode()
    return named + file + f"\r\n--{BOUNDARY}--\r\n".encode(), f"multipart/form-data; boundary={BOUNDARY}"


def _measured(post: Post, path: str, body: bytes, media_type: str) -> Took:
    cpu, clock = time.process_time(), time.perf_counter()
    status = post(path, body, media_type)
    took = Took(time.process_time() - cpu, time.perf_counter() - clock)
    if status not in (200, 201):
        raise RuntimeError(f"The answer was {status}.")
    return took


def _told(stows: list[Took], uploads: list[Took]) -> str:
    lines = []
    for name in ("cpu", "clock"):
        stow, upload = (1000 * statistics.median(getattr(each, name) for each in some) for some in (stows, uploads))
        lines.append(f"{name}: STOW-RS {stow:.1f} ms, X-ray {upload:.1f} ms: {upload / stow:.2f} times as much")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
