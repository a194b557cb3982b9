"""Sending to Orthanc, searching it and importing from it, by DIMSE and DICOMweb, where `make bench` has put one.

The same ways are tried with dcmtk's archive and with Fovea's own DICOMweb everywhere.
"""

import json
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from apps.accounts.models import Practice, User
from apps.accounts.principal import Principal
from apps.archive.models import Instance
from apps.remotes import exporting, importing
from apps.remotes.asking import Query
from apps.remotes.found import Have
from apps.remotes.models import ApplicationEntity, Protocol, Remote
from apps.remotes.searching import search
from benchmarks.orthanc import _command, configuration, is_installed
from benchmarks.targets import free_port, wait_for
from tests import dicoms
from tests.dicomweb.archive import keep
from tests.live import ROOT
from tests.remotes.jobs import do

NAME: dict[str, Any] = {"PatientName": "Yamada^Tarou=山田^太郎", "SpecificCharacterSet": "ISO_IR 192"}
PLACE = next((place for place in (ROOT / ".orthanc", Path("/")) if is_installed(place)), None)
pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(PLACE is None, reason="There is no Orthanc here; `make bench` sets one up."),
]


@contextmanager
def orthanc(root: Path) -> Iterator[tuple[int, int]]:
    """An empty Orthanc; the ports on which it speaks HTTP and DIMSE."""
    with tempfile.TemporaryDirectory(prefix="fovea-tests-orthanc-", dir=root / "tmp") as folder:
        inside = Path("/") / Path(folder).relative_to(root)
        http, dimse = free_port(), free_port()
        options = {
            "DicomServerEnabled": True, "DicomAet": "ORTHANC", "DicomPort": dimse, "DicomAlwaysAllowStore": True,
            "DicomAlwaysAllowFind": True, "DicomAlwaysAllowGet": True, "DicomCheckCalledAet": False,
            "DefaultEncoding": "Utf8",
        }  # fmt: skip
        place = Path(folder) / "orthanc.json"
        place.write_text(json.dumps(configuration(root, inside, http) | options))
        with (Path(folder) / "log").open("wb") as log:
            process = subprocess.Popen(_command(root, inside / place.name), stdout=log, stderr=log)
        try:
            wait_for(http, "/system")
            yield http, dimse
        finally:
            process.terminate()
            process.wait(60)


@pytest.fixture(scope="module")
def ports() -> Iterator[tuple[int, int]]:
    assert PLACE
    with orthanc(PLACE) as ports:
        yield ports


@pytest.mark.parametrize("protocol", list(Protocol))
def test_a_study_goes_there_and_comes_back_to_another_practice(
    ports: tuple[int, int], protocol: Protocol, user: User, stranger: User, practice: Practice, other_practice: Practice
) -> None:
    uid = dicoms.uid(50, len(protocol))
    keep(practice, *(_slice(uid, number) for number in range(1, 6)))
    do(exporting.ask(Principal.of(user), _remote(practice, protocol, ports), [uid]))
    there, who = _remote(other_practice, protocol, ports), Principal.of(stranger)
    (found,) = search(who, there, Query(study_instance_uid=uid), source="tests").studies
    assert (found.patient_name, found.instance_count, found.have) == (NAME["PatientName"], 5, Have.NONE)
    assert do(importing.ask(who, there, [uid])) == {"studies": 1, "instances": 5, "known": 0, "fetched": 5}
    assert Instance.objects.filter(series__study__practice=other_practice).count() == 5


def _remote(practice: Practice, protocol: Protocol, ports: tuple[int, int]) -> Remote:
    http, dimse = ports
    ApplicationEntity.objects.create(title=practice.name.upper(), practice=practice)
    return Remote.objects.create(
        practice=practice, name="Orthanc", protocol=protocol, title="ORTHANC", host="127.0.0.1", port=dimse,
        url=f"http://127.0.0.1:{http}/dicom-web",
    )  # fmt: skip


def _slice(study: str, number: int) -> bytes:
    return dicoms.ct_slice(
        StudyInstanceUID=study, SeriesInstanceUID=f"{study}.1", SOPInstanceUID=f"{study}.1.{number}",
        InstanceNumber=number, **NAME,
    )  # fmt: skip
