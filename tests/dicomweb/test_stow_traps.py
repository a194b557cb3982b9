"""What senders of STOW-RS do and what they trip over: a test for each trap, named after it."""

import gzip
from typing import Any

import pytest
from django.test import Client
from pydicom import dcmread
from pydicom.filebase import DicomBytesIO
from pydicom.uid import ExplicitVRLittleEndian
from pytest_django.fixtures import Settings

from apps.archive.models import Instance, Quarantined, Study
from tests import dicoms
from tests.dicomweb.multiparts import parts_of

pytestmark = pytest.mark.django_db

STUDIES = "/dicom-web/studies"
STUDY = f"{STUDIES}/{dicoms.STUDY_UID}"
INSTANCE = f"{STUDY}/series/{dicoms.SERIES_UID}/instances/{dicoms.uid(1, 1, 1)}"
BOUNDARY = "DICOM DATA BOUNDARY"
TYPE = f'multipart/related; type="application/dicom"; boundary="{BOUNDARY}"'
FAILED, STORED, OTHERS = "00081198", "00081199", "0008119A"
REASON, WARNING = "00081197", "00081196"


def body_of(*objects: bytes, line: bytes = b"\r\n", header: bytes = b"Content-Type: application/dicom") -> bytes:
    delimiter = b"--" + BOUNDARY.encode()
    head = delimiter + line + (header + line if header else b"") + line
    return b"".join(head + each + line for each in objects) + delimiter + b"--" + line


def post(client: Client, body: bytes, content_type: str = TYPE, path: str = STUDIES, **headers: Any) -> Any:
    return client.post(path, body, content_type=content_type, **headers)


def codes(response: Any, sequence: str, tag: str = REASON) -> list[int]:
    found = response.json().get(sequence, {}).get("Value", [])
    return [item[tag]["Value"][0] for item in found]


def file_of(client: Client) -> bytes:
    response = client.get(
        INSTANCE, headers={"accept": 'multipart/related; type="application/dicom"; transfer-syntax=*'}
    )
    ((_, content),) = parts_of(response["Content-Type"], response.content)
    return content


def assert_stored(response: Any) -> None:
    assert (response.status_code, Instance.objects.count()) == (200, 1), response.content


def test_a_quoted_boundary_with_spaces_is_understood(client: Client) -> None:
    """RFC 2046 5.1.1."""
    assert_stored(post(client, body_of(dicoms.ct_slice())))


def test_an_unquoted_type_and_capitals_in_the_content_type_are_understood(client: Client) -> None:
    """RFC 2045 5.1."""
    content_type = f'Multipart/Related; Type=application/DICOM; Boundary="{BOUNDARY}"'
    assert_stored(post(client, body_of(dicoms.ct_slice()), content_type))


def test_a_part_without_a_content_type_is_dicom(client: Client) -> None:
    """PS3.18 8.7.3.5.1."""
    assert_stored(post(client, body_of(dicoms.ct_slice(), header=b"")))


@pytest.mark.parametrize("preamble", [b"\r\n", b"\r\n\r\n", b"This is a multipart message.\r\n"])
def test_a_preamble_before_the_first_boundary_is_skipped(client: Client, preamble: bytes) -> None:
    """RFC 2046 5.1.1."""
    assert_stored(post(client, preamble + body_of(dicoms.ct_slice())))


def test_text_after_the_last_boundary_is_skipped(client: Client) -> None:
    """RFC 2046 5.1.1."""
    assert_stored(post(client, body_of(dicoms.ct_slice()) + b"\r\nepilogue"))


def test_lines_that_end_with_line_feeds_alone_are_understood(client: Client) -> None:
    """RFC 2046 4.1.1 asks for CRLF; what is stored is the object alone all the same."""
    data = dicoms.ct_slice()
    assert_stored(post(client, body_of(data, line=b"\n")))
    assert file_of(client) == data


def test_a_transfer_syntax_in_the_content_type_is_no_error(client: Client) -> None:
    """PS3.18 8.7.3.5.2."""
    suffix = f"; transfer-syntax={ExplicitVRLittleEndian}"
    header = f"Content-Type: application/dicom{suffix}".encode()
    assert_stored(post(client, body_of(dicoms.ct_slice(), header=header), TYPE + suffix))


def test_bytes_of_an_image_that_look_like_a_boundary_are_the_image(client: Client) -> None:
    """RFC 2046 5.1.1."""
    looks = f"\r\n--{BOUNDARY}?\r\n\r\n--{BOUNDARY[:-1]}\r\n".encode()
    data = dicoms.ct_slice(PixelData=looks.ljust(8192, b"\n"))
    assert_stored(post(client, body_of(data)))
    assert file_of(client) == data


def test_a_sop_class_in_the_file_meta_only_is_taken_from_there(client: Client) -> None:
    """PS3.10 7.1, PS3.18 10.5.3."""
    whole = dicoms.ct_slice()
    start = whole.index(b"\x08\x00\x16\x00UI")
    without = whole[:start] + whole[start + 8 + 26 :]
    response = post(client, body_of(without))
    assert (response.status_code, codes(response, STORED, WARNING)) == (202, [0xB007])
    (metadata,) = client.get(f"{INSTANCE}/metadata").json()
    assert metadata["00080016"]["Value"] == ["1.2.840.10008.5.1.4.1.1.2"]


def test_an_object_without_preamble_and_meta_becomes_a_file(client: Client) -> None:
    """PS3.10 7.1."""
    assert_stored(post(client, body_of(dicoms.bare(dicoms.ct_dataset()))))
    stored = dcmread(DicomBytesIO(file_of(client)))
    assert (stored.file_meta.MediaStorageSOPInstanceUID, stored.PatientName) == (dicoms.uid(1, 1, 1), "Doe^Jane")


def test_a_file_without_its_preamble_becomes_one_with_it(client: Client) -> None:
    """PS3.10 7.1."""
    response = post(client, body_of(dicoms.ct_slice()[128:]))
    assert response.status_code in (200, 202)
    assert file_of(client)[:132] == bytes(128) + b"DICM"


def test_the_letters_of_the_prefix_in_a_bare_data_set_are_text(client: Client) -> None:
    """PS3.10 7.1: only a preamble is zeroed, and this is none."""
    data = dicoms.bare(dicoms.ct_dataset(ImageType=["A" * 16] * 6 + ["DICMA1"]), ExplicitVRLittleEndian)
    assert data[128:132] == b"DICM"
    assert_stored(post(client, body_of(data)))
    assert file_of(client).endswith(data)


def test_a_program_in_the_preamble_is_not_kept(client: Client) -> None:
    """PS3.10 7.1, and the security considerations of its annex on dual-format files."""
    data = b"#!/bin/sh\n<script>".ljust(128, b"x") + dicoms.ct_slice()[128:]
    assert_stored(post(client, body_of(data)))
    assert file_of(client) == dicoms.ct_slice()
    assert post(client, body_of(dicoms.ct_slice())).status_code == 200, (
        "the preamble is no part of the object's identity"
    )


def test_dates_of_acr_nema_are_stored_as_they_are(client: Client) -> None:
    """PS3.5 6.2, DA: the older format yyyy.mm.dd is to be read."""
    data = dicoms.ct_slice(StudyDate="19970424AA").replace(b"19970424AA", b"1997.04.24")
    assert_stored(post(client, body_of(data)))
    assert client.get(f"{STUDIES}?StudyDate=19970424").json()


@pytest.mark.parametrize("padding", [b"\0", b" "])
def test_uids_padded_with_nulls_or_spaces_are_the_same_uids(client: Client, padding: bytes) -> None:
    """PS3.5 6.2, UI."""
    uid = dicoms.STUDY_UID.encode()
    data = dicoms.ct_slice().replace(uid + b"\0", uid + padding, 1) if len(uid) % 2 else dicoms.ct_slice()
    assert_stored(post(client, body_of(data)))
    assert Study.objects.get().study_instance_uid == dicoms.STUDY_UID


def test_a_body_in_gzip_is_stored(client: Client) -> None:
    """RFC 9110 8.4."""
    assert_stored(post(client, gzip.compress(body_of(dicoms.ct_slice())), HTTP_CONTENT_ENCODING="gzip"))


def test_another_content_encoding_is_an_unsupported_media_type(client: Client) -> None:
    """RFC 9110 15.5.16."""
    assert post(client, body_of(dicoms.ct_slice()), HTTP_CONTENT_ENCODING="br").status_code == 415


@pytest.mark.parametrize("content_type", [TYPE, "application/dicom"])
def test_an_empty_body_is_a_bad_request(client: Client, content_type: str) -> None:
    """PS3.18 10.5.3.1."""
    assert post(client, b"", content_type, CONTENT_TYPE=content_type).status_code == 400


def test_all_stored_is_200_without_sequences_of_failures(client: Client) -> None:
    """PS3.18 10.5.3.1, table I.1-1: FailedSOPSequence only if something failed."""
    response = post(client, body_of(*dicoms.ct_series(2)))
    assert response.status_code == 200
    assert not {FAILED, OTHERS} & set(response.json())


def test_some_failed_is_202_with_both_sequences(client: Client) -> None:
    """PS3.18 10.5.3.1."""
    response = post(client, body_of(dicoms.ct_slice(), dicoms.ct_slice(InstanceNumber=2)[:4000]))
    assert response.status_code == 202
    assert {STORED, FAILED} <= set(response.json())


def test_none_stored_is_409_without_a_sequence_of_the_stored(client: Client) -> None:
    """PS3.18 10.5.3.1."""
    response = post(client, body_of(b"junk" * 100))
    assert (response.status_code, STORED in response.json()) == (409, False)


def test_junk_without_uids_is_among_the_other_failures(client: Client) -> None:
    """PS3.18 table I.1-1: OtherFailuresSequence (0008,119A)."""
    response = post(client, body_of(b"junk" * 100, dicoms.ct_slice()))
    assert (codes(response, OTHERS), FAILED in response.json()) == ([0xC000], False)


def test_an_object_that_is_cut_off_is_named_by_its_file_meta(client: Client) -> None:
    """PS3.18 table I.1-1: FailedSOPSequence names the instance."""
    response = post(client, body_of(dicoms.ct_slice()[:4000]))
    (failure,) = response.json()[FAILED]["Value"]
    assert failure["00081155"]["Value"] == [dicoms.uid(1, 1, 1)]
    assert failure[REASON]["Value"] == [0xC000]


def test_each_failure_has_the_reason_of_the_standard(client: Client, settings: Settings) -> None:
    """PS3.18 table I.2-2: A700 out of resources, A900 not of its SOP class, C000 not understood, 0111 a duplicate."""
    settings.MAX_INSTANCE_BYTES = 20_000
    post(client, body_of(dicoms.ct_slice()))
    bodies = [
        dicoms.ct_slice(InstanceNumber=2, Rows=256, Columns=256),
        dicoms.ct_slice(InstanceNumber=3, SOPClassUID="1.2.840.10008.1.3.10"),
        dicoms.ct_slice(InstanceNumber=4, SOPInstanceUID="../../../etc/passwd"),
        dicoms.ct_slice(PatientName="Other^Name"),
    ]
    found = [
        (codes(response, FAILED) or codes(response, OTHERS))
        for response in (post(client, body_of(each)) for each in bodies)
    ]
    assert found == [[0xA700], [0xA900], [0xC000], [0x0111]]


def test_a_wrong_study_uid_in_the_address_fails_each_instance_and_not_the_request(client: Client) -> None:
    """PS3.18 10.5.1: A900."""
    response = post(client, body_of(*dicoms.ct_series(2)), path=f"{STUDIES}/1.2.3")
    assert (response.status_code, codes(response, FAILED)) == (409, [0xA900, 0xA900])


def test_the_same_again_is_a_success(client: Client) -> None:
    """PS3.18 10.5.3: a sender repeats what it has had no answer to."""
    for _ in range(3):
        assert_stored(post(client, body_of(dicoms.ct_slice())))


def test_the_same_twice_in_one_body_is_a_success(client: Client) -> None:
    response = post(client, body_of(dicoms.ct_slice(), dicoms.ct_slice()))
    assert (response.status_code, Instance.objects.count(), len(codes(response, STORED, "00081155"))) == (200, 1, 2)


@pytest.mark.parametrize(("policy", "status", "name"), [("overwrite", 200, "Other^Name"), ("reject", 409, "Doe^Jane")])
def test_other_content_under_a_known_uid_follows_the_policy(
    client: Client, settings: Settings, policy: str, status: int, name: str
) -> None:
    """PS3.18 table I.2-2: 0111."""
    settings.DUPLICATE_POLICY = policy
    post(client, body_of(dicoms.ct_slice()))
    assert post(client, body_of(dicoms.ct_slice(PatientName="Other^Name"))).status_code == status
    assert (Instance.objects.count(), Quarantined.objects.count()) == (1, 0)
    assert dcmread(DicomBytesIO(file_of(client))).PatientName == name


def test_the_same_sop_instance_uid_in_another_series_clobbers_nothing(client: Client) -> None:
    """PS3.5 9.1 forbids it; cameras and converters do it."""
    post(client, body_of(dicoms.ct_slice()))
    response = post(client, body_of(dicoms.ct_slice(SeriesInstanceUID=dicoms.uid(1, 9))))
    assert (response.status_code, Instance.objects.count()) == (200, 2)
    assert file_of(client) == dicoms.ct_slice()


@pytest.mark.parametrize("uid", ["../../etc/passwd", "1.2.3/../../4", "1." + "2" * 80, "1.2.3\r\nX: y", "%2e%2e"])
def test_a_uid_that_is_a_path_is_refused_and_not_repeated(client: Client, uid: str) -> None:
    """PS3.5 9.1."""
    response = post(client, body_of(dicoms.ct_slice(StudyInstanceUID=uid)))
    assert (response.status_code, Instance.objects.count()) == (409, 0)
    assert "passwd" not in response.content.decode()
