"""What a remote gets of what is stored, whatever it takes it in."""

import os
from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.encaps import encapsulate, generate_frames
from pydicom.uid import (
    CTImageStorage,
    DeflatedExplicitVRLittleEndian,
    EncapsulatedPDFStorage,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGLSLossless,
    RLELossless,
    UltrasoundMultiFrameImageStorage,
)

from apps.accounts.models import Practice, User
from apps.accounts.principal import Principal
from apps.archive import retrieve
from apps.archive.corrections import verbs
from apps.archive.retrieve import StoredInstance
from apps.archive.storage import site_objects
from apps.dicom.network.errors import Gone
from apps.remotes.proposing import loads, proposals
from apps.remotes.sending import Originator, Outcome, Sender, Sent
from tests import dicoms
from tests.dicom.test_transcode_rewriting import rich
from tests.dicomweb.archive import keep
from tests.remotes.storing import Storing, storing

UNCOMPRESSED = (ExplicitVRLittleEndian, ImplicitVRLittleEndian)
CT = CTImageStorage
US = UltrasoundMultiFrameImageStorage


def stored(practice: Practice, *objects: bytes) -> list[StoredInstance]:
    keep(practice, *objects)
    return retrieve.instances(Principal.worker(practice.pk), dicoms.STUDY_UID)


def sent(peer: Storing, instances: Sequence[StoredInstance], preferences: Sequence[str] = (), **how: Any) -> list[Sent]:
    """Send these to it, over as many associations as it takes."""
    outcomes = []
    for load in loads(instances, preferences):
        with peer.open(load.contexts) as association:
            sender = Sender(association, preferences, **how)
            outcomes += [sender.send(each) for each in load.instances]
            association.release()
    return outcomes


def rle(number: int = 2) -> bytes:
    dataset = dcmread(BytesIO(dicoms.ct_slice(InstanceNumber=number)))
    dataset.compress(RLELossless, generate_instance_uid=False)
    file = BytesIO()
    dataset.save_as(file)
    return file.getvalue()


@pytest.mark.parametrize("syntax", [*dicoms.NATIVE_SYNTAXES, RLELossless])
def test_what_it_takes_leaves_as_it_is_stored(practice: Practice, syntax: str) -> None:
    data = rle() if syntax == RLELossless else dicoms.ct_slice(transfer_syntax=syntax)
    with storing((CT, (syntax,))) as peer:
        outcomes = sent(peer, stored(practice, data))
    assert outcomes == [Sent(Outcome.TAKEN, 0)]
    (file,) = peer.files
    assert dcmread(BytesIO(file)) == dcmread(BytesIO(data))
    assert peer.syntaxes() == [syntax]


@pytest.mark.parametrize("source", [*dicoms.NATIVE_SYNTAXES, RLELossless])
@pytest.mark.parametrize("target", UNCOMPRESSED)
def test_what_it_does_not_take_is_uncompressed(practice: Practice, source: str, target: str) -> None:
    data = rle() if source == RLELossless else dicoms.part10(rich(), source)
    with storing((CT, (target,))) as peer:
        assert [each.outcome for each in sent(peer, stored(practice, data))] == [Outcome.TAKEN]
    assert peer.syntaxes() == [target]
    (got,) = peer.datasets.values()
    original = dcmread(BytesIO(data))
    assert (got.pixel_array == original.pixel_array).all()
    assert got.PatientName == original.PatientName
    if source != RLELossless:
        assert got.SourceImageSequence[0].PurposeOfReferenceCodeSequence[1].CodeMeaning == "odd"


def test_one_that_cannot_be_had_otherwise_fails_alone(practice: Practice) -> None:
    broken = dicoms.encapsulated([dicoms.jpeg_like()])
    with storing((CT, UNCOMPRESSED), (US, UNCOMPRESSED)) as peer:
        outcomes = sent(peer, stored(practice, dicoms.ct_slice(), broken, rle()))
    assert sorted(each.outcome.name for each in outcomes) == ["FAILED", "TAKEN", "TAKEN"]
    failed = next(each for each in outcomes if each.outcome is Outcome.FAILED)
    assert failed.status is None
    assert failed.reason
    assert len(peer.files) == 2


def test_one_whose_last_frame_is_broken_fails_alone(practice: Practice) -> None:
    dataset = dcmread(BytesIO(dicoms.multi_frame(2)))
    dataset.compress(RLELossless, generate_instance_uid=False)
    first, _ = generate_frames(dataset.PixelData, number_of_frames=2)
    dataset.PixelData = encapsulate([first, bytes(64)])
    broken = BytesIO()
    dataset.save_as(broken)
    with storing((CT, UNCOMPRESSED), (dataset.SOPClassUID, UNCOMPRESSED)) as peer:
        outcomes = sent(peer, stored(practice, broken.getvalue(), dicoms.ct_slice()))
    assert sorted(each.outcome.name for each in outcomes) == ["FAILED", "TAKEN"]
    assert list(peer.datasets) == [dicoms.uid(1, 1, 1)]


def test_one_whose_file_is_lost_fails_alone(practice: Practice) -> None:
    instances = stored(practice, *dicoms.ct_series(2))
    site_objects().delete(instances[0].file_key)
    with storing((CT, UNCOMPRESSED)) as peer:
        outcomes = sent(peer, instances)
    assert [each.outcome for each in outcomes] == [Outcome.FAILED, Outcome.TAKEN]


def test_a_sop_class_that_it_does_not_take_fails_alone(practice: Practice) -> None:
    with storing((CT, UNCOMPRESSED)) as peer:
        outcomes = sent(peer, stored(practice, dicoms.ct_slice(), dicoms.secondary_capture()))
    assert [each.outcome for each in outcomes] == [Outcome.TAKEN, Outcome.FAILED]
    assert "SOP class" in outcomes[1].reason


def test_its_own_statuses_are_told(practice: Practice) -> None:
    instances = stored(practice, *dicoms.ct_series(3))
    with storing((CT, UNCOMPRESSED)) as peer:
        peer.statuses = {instances[1].sop_instance_uid: 0xB007, instances[2].sop_instance_uid: 0xA700}
        outcomes = sent(peer, instances)
    assert [(each.outcome.name, each.status) for each in outcomes] == [
        ("TAKEN", 0), ("WARNING", 0xB007), ("FAILED", 0xA700),
    ]  # fmt: skip
    assert "A700" in outcomes[2].reason


def test_a_preferred_transfer_syntax_goes_before_the_stored_one(practice: Practice) -> None:
    preferences = (JPEGLSLossless, ExplicitVRLittleEndian)
    with storing((CT, (ExplicitVRLittleEndian, JPEGLSLossless)), (EncapsulatedPDFStorage, UNCOMPRESSED)) as peer:
        instances = stored(practice, dicoms.ct_slice(), dicoms.encapsulated_pdf())
        assert {each.outcome for each in sent(peer, instances, preferences)} == {Outcome.TAKEN}
    assert peer.syntaxes() == [JPEGLSLossless, ExplicitVRLittleEndian]


def test_a_corrected_study_leaves_corrected(practice: Practice, user: User) -> None:
    stored(practice, dicoms.ct_slice(transfer_syntax=ImplicitVRLittleEndian), rle())
    verbs.edit_study(Principal.of(user), dicoms.STUDY_UID, {"study_description": "Żółć"}, "Wrong")
    instances = stored(practice)
    for syntaxes in (UNCOMPRESSED, (ImplicitVRLittleEndian,), (RLELossless, *UNCOMPRESSED)):
        with storing((CT, syntaxes)) as peer:
            assert {each.outcome for each in sent(peer, instances)} == {Outcome.TAKEN}
        assert {each.StudyDescription for each in peer.datasets.values()} == {"Żółć"}


def test_a_long_object_goes_in_pieces(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.remotes.sending.IN_MEMORY", 4096)
    monkeypatch.setattr("apps.remotes.sending.BATCH", 1000)
    data = dicoms.ct_slice()
    with storing((CT, (ExplicitVRLittleEndian,)), most=700) as peer:
        sent(peer, stored(practice, data))
    assert dcmread(BytesIO(peer.files[0])) == dcmread(BytesIO(data))


def test_a_long_object_that_ends_too_early_ends_the_association(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.remotes.sending.IN_MEMORY", 4096)
    monkeypatch.setattr("apps.remotes.sending.BATCH", 1000)
    (instance,) = stored(practice, dicoms.ct_slice())
    path = site_objects().path(instance.file_key)
    assert path is not None
    os.truncate(path, 5000)
    with storing((CT, UNCOMPRESSED)) as peer, pytest.raises(Gone):
        sent(peer, [instance])
    assert not peer.files


def test_whose_move_it_is_for_is_told(practice: Practice) -> None:
    with storing((CT, UNCOMPRESSED)) as peer:
        sent(peer, stored(practice, dicoms.ct_slice()), originator=Originator("WORKSTATION", 7))
    (request,) = peer.requests
    assert request.MoveOriginatorApplicationEntityTitle == "WORKSTATION"
    assert request.MoveOriginatorMessageID == 7


def test_contexts_for_what_is_stored_and_for_what_is_uncompressed(practice: Practice) -> None:
    instances = stored(practice, dicoms.ct_slice(), rle(), dicoms.encapsulated_pdf())
    assert proposals(instances) == [
        [
            (CT, (ExplicitVRLittleEndian,)),
            (CT, (RLELossless,)),
            (CT, (ImplicitVRLittleEndian,)),
            (EncapsulatedPDFStorage, (ExplicitVRLittleEndian,)),
            (EncapsulatedPDFStorage, (ImplicitVRLittleEndian,)),
        ]
    ]
    assert proposals(instances, [RLELossless]) == [[(CT, (RLELossless,)), (EncapsulatedPDFStorage, (RLELossless,))]]
    assert proposals([]) == []


def test_many_sop_classes_take_several_associations(practice: Practice) -> None:
    (one,) = stored(practice, dicoms.ct_slice())
    many = [
        replace(one, sop_class_uid=f"{CT}.{number}", transfer_syntax_uid=ExplicitVRBigEndian) for number in range(100)
    ]
    found = loads(many)
    assert [len(load.contexts) for load in found] == [128, 72]
    assert [len(load.instances) for load in found] == [64, 36]
    assert DeflatedExplicitVRLittleEndian not in str(found)
