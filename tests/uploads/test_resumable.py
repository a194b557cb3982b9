"""Resumable uploads by tus 1.0.0, at their address: core, creation, checksum, expiration, termination."""

import base64
import hashlib
import zlib
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Practice, User
from apps.jobs.models import Job
from apps.uploads.models import Upload
from tests import dicoms
from tests.uploads.resuming import BYTES, TUS, UPLOADS, begin, go_on, head, metadata

SLICE = dicoms.ct_slice()


def digest(algorithm: str, data: bytes) -> str:
    found = zlib.crc32(data).to_bytes(4, "big") if algorithm == "crc32" else hashlib.new(algorithm, data).digest()
    return f"{algorithm} {base64.b64encode(found).decode()}"


def test_a_file_in_pieces_is_taken_by_a_job(client: Client, user: User, practice: Practice) -> None:
    place = begin(client, len(SLICE), filename="a.dcm")
    first = go_on(client, place, 0, SLICE[:100])
    assert (first.status_code, first["Upload-Offset"], first["Tus-Resumable"]) == (204, "100", "1.0.0")
    assert "Upload-Expires" in first
    told = head(client, place)
    assert (told["Upload-Offset"], told["Upload-Length"], told["Cache-Control"]) == ("100", str(len(SLICE)), "no-store")
    assert told["Upload-Metadata"] == metadata(filename="a.dcm")
    last = go_on(client, place, 100, SLICE[100:])
    job = Job.objects.get()
    assert (last["Upload-Offset"], last["Fovea-Job"]) == (str(len(SLICE)), f"/api/jobs/{job.pk}")
    assert (job.kind, job.requested_by, job.practice) == ("practice-batch", user, practice)
    assert head(client, place)["Fovea-Job"] == last["Fovea-Job"]
    assert client.get(place).json()["jobId"] == job.pk


def test_what_there_is_is_told_to_anybody(anonymous: Client) -> None:
    told = anonymous.options(UPLOADS)
    assert (told.status_code, told["Tus-Version"], told["Tus-Max-Size"]) == (204, "1.0.0", str(64 << 30))
    assert told["Tus-Extension"] == "creation,creation-with-upload,checksum,expiration,termination"
    assert set(told["Tus-Checksum-Algorithm"].split(",")) == {"sha1", "sha256", "sha512", "md5", "crc32"}


def test_the_first_bytes_may_come_with_the_creation(client: Client) -> None:
    answer = client.post(UPLOADS, SLICE[:10], BYTES, headers={**TUS, "Upload-Length": str(len(SLICE))})
    assert (answer.status_code, answer["Upload-Offset"]) == (201, "10")
    assert go_on(client, answer["Location"], 10, SLICE[10:]).status_code == 204


def test_an_empty_file_is_whole_at_once(client: Client) -> None:
    answer = client.post(UPLOADS, headers={**TUS, "Upload-Length": "0"})
    assert (answer.status_code, answer["Fovea-Job"]) == (201, f"/api/jobs/{Job.objects.get().pk}")


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha512", "md5", "crc32"])
def test_bytes_that_are_not_those_of_the_checksum_do_not_count(client: Client, algorithm: str) -> None:
    place = begin(client, len(SLICE))
    assert go_on(client, place, 0, SLICE[:50]).status_code == 204
    wrong = go_on(client, place, 50, SLICE[50:90], **{"Upload-Checksum": digest(algorithm, SLICE[50:91])})
    assert (wrong.status_code, wrong.json()["code"], wrong["Tus-Resumable"]) == (460, "wrong-checksum", "1.0.0")
    assert head(client, place)["Upload-Offset"] == "50"
    right = go_on(client, place, 50, SLICE[50:], **{"Upload-Checksum": digest(algorithm, SLICE[50:])})
    assert (right.status_code, "Fovea-Job" in right) == (204, True)


@pytest.mark.parametrize("offset", [0, 9, 11, 10**18])
def test_a_client_that_is_elsewhere_is_told_so(client: Client, offset: int) -> None:
    place = begin(client, len(SLICE))
    go_on(client, place, 0, SLICE[:10])
    answer = go_on(client, place, offset, b"")
    assert (answer.status_code, answer.json()["code"]) == (409, "wrong-offset")
    assert head(client, place)["Upload-Offset"] == "10"


def test_more_bytes_than_the_upload_lacks_are_refused_before_they_are_read(client: Client) -> None:
    place = begin(client, 20)
    answer = go_on(client, place, 0, b"x" * 21)
    assert (answer.status_code, head(client, place)["Upload-Offset"]) == (413, "0")


def test_who_takes_an_upload_back_leaves_nothing(client: Client, settings: Any) -> None:
    place = begin(client, len(SLICE))
    go_on(client, place, 0, SLICE[:10])
    assert client.delete(place, headers=TUS).status_code == 204
    assert (head(client, place).status_code, go_on(client, place, 10, SLICE[10:]).status_code) == (404, 404)
    assert not list((settings.DATA / "uploads").iterdir())


def test_another_version_is_refused_with_the_one_that_is_spoken(client: Client) -> None:
    answer = client.post(UPLOADS, headers={"Tus-Resumable": "0.2.2", "Upload-Length": "1"})
    assert (answer.status_code, answer["Tus-Version"], answer.json()["code"]) == (412, "1.0.0", "other-tus-version")


def test_networks_that_let_no_patch_by_are_got_around(client: Client) -> None:
    place = begin(client, len(SLICE))
    asked = {**TUS, "Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}
    assert client.post(place, SLICE, BYTES, headers=asked)["Upload-Offset"] == str(len(SLICE))
    assert client.post(place, SLICE, BYTES, headers={**TUS, "X-HTTP-Method-Override": "GET"}).status_code == 405
    unfinished = begin(client, len(SLICE))
    assert client.post(unfinished, headers={**TUS, "X-HTTP-Method-Override": "DELETE"}).status_code == 204


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({}, "Upload-Length is to be a number"),
        ({"Upload-Length": "-1"}, "is to be a number"),
        ({"Upload-Length": "9" * 19}, "is to be a number"),
        ({"Upload-Defer-Length": "1"}, "can't be told later"),
        ({"Upload-Length": "1", "Upload-Metadata": "filename ä"}, "no Base64"),
        ({"Upload-Length": "1", "Upload-Metadata": "filename /w=="}, "no UTF-8"),
        ({"Upload-Length": "1", "Upload-Metadata": "filename YQ==,filename YQ=="}, "there before"),
        ({"Upload-Length": "1", "Upload-Metadata": "x " + "A" * 9000}, "longer than 8192"),
        ({"Upload-Length": "1", "Upload-Checksum": "md4 AAAA"}, "not known here"),
        ({"Upload-Length": "1", "Upload-Checksum": "sha1 AAAA"}, "not as long"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(client: Client, headers: dict[str, str], words: str) -> None:
    answer = client.post(UPLOADS, headers={**TUS, **headers})
    assert (answer.status_code, words in answer.json()["detail"]) == (400, True), answer.content
    assert not Upload.objects.exists()


def test_bytes_of_another_kind_or_encoding_are_refused(client: Client) -> None:
    place = begin(client, 4)
    asked = {**TUS, "Upload-Offset": "0"}
    assert client.patch(place, b"abcd", "text/plain", headers=asked).status_code == 415
    assert client.patch(place, b"abcd", BYTES, headers={**asked, "Content-Encoding": "gzip"}).status_code == 415


def test_a_client_that_comes_late_is_told_that_all_is_there(client: Client) -> None:
    place = begin(client, len(SLICE))
    assert go_on(client, place, 0, SLICE).status_code == 204
    late = go_on(client, place, 10, SLICE[10:])
    assert (late.status_code, late.json()["code"]) == (409, "wrong-offset")
    assert head(client, place)["Upload-Offset"] == str(len(SLICE))
