"""Fetching by C-GET (PS3.4 C.4.3): the objects come over the association by which they were asked for."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from pydicom import uid

from apps.dicom.identifiers import encode
from apps.dicom.network.association import Association, Context, Message
from apps.dicom.network.command import Field
from apps.dicom.network.pdu import MAX_CONTEXTS, Role
from apps.dicom.network.requestor import contexts_of
from apps.dicom.syntax import EXPLICIT_VR_BIG_ENDIAN, EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN
from apps.remotes.finding import request
from apps.remotes.intake import Intake, Unit
from apps.remotes.receiving import receive
from apps.remotes.retrieving import STUDY_ROOT_GET, Conversation, identifier_of

UNCOMPRESSED: Final = (EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN)
# What archives hold, the commonest first: each in a context of its own, so that objects come as they are stored.
COMPRESSED: Final = (
    uid.JPEG2000Lossless,
    uid.JPEGLosslessSV1,
    uid.JPEGBaseline8Bit,
    uid.JPEGLSLossless,
    uid.RLELossless,
    uid.JPEG2000,
    uid.JPEGExtended12Bit,
    uid.JPEGLSNearLossless,
    uid.JPEGLossless,
    uid.HTJ2KLossless,
    uid.HTJ2KLosslessRPCL,
    uid.HTJ2K,
    uid.MPEG4HP41,
    uid.MPEG2MPML,
    uid.MPEG2MPHL,
    uid.MPEG4HP41BD,
    uid.HEVCMP51,
    uid.DeflatedExplicitVRLittleEndian,
    EXPLICIT_VR_BIG_ENDIAN,
)
# Proposed where the remote doesn't tell the SOP classes of what it has.
USUAL: Final = (
    uid.ComputedRadiographyImageStorage,
    uid.DigitalXRayImageStorageForPresentation,
    uid.DigitalXRayImageStorageForProcessing,
    uid.DigitalIntraOralXRayImageStorageForPresentation,
    uid.DigitalIntraOralXRayImageStorageForProcessing,
    uid.DigitalMammographyXRayImageStorageForPresentation,
    uid.CTImageStorage,
    uid.EnhancedCTImageStorage,
    uid.MRImageStorage,
    uid.EnhancedMRImageStorage,
    uid.UltrasoundImageStorage,
    uid.UltrasoundMultiFrameImageStorage,
    uid.SecondaryCaptureImageStorage,
    uid.MultiFrameGrayscaleByteSecondaryCaptureImageStorage,
    uid.MultiFrameGrayscaleWordSecondaryCaptureImageStorage,
    uid.MultiFrameTrueColorSecondaryCaptureImageStorage,
    uid.XRayAngiographicImageStorage,
    uid.XRayRadiofluoroscopicImageStorage,
    uid.XRay3DCraniofacialImageStorage,
    uid.VLPhotographicImageStorage,
    uid.VLEndoscopicImageStorage,
    uid.VideoPhotographicImageStorage,
    uid.OphthalmicPhotography8BitImageStorage,
    uid.NuclearMedicineImageStorage,
    uid.PositronEmissionTomographyImageStorage,
    uid.GrayscaleSoftcopyPresentationStateStorage,
    uid.ColorSoftcopyPresentationStateStorage,
    uid.BasicTextSRStorage,
    uid.EnhancedSRStorage,
    uid.ComprehensiveSRStorage,
    uid.XRayRadiationDoseSRStorage,
    uid.KeyObjectSelectionDocumentStorage,
    uid.EncapsulatedPDFStorage,
    uid.EncapsulatedSTLStorage,
    uid.SegmentationStorage,
    uid.RTStructureSetStorage,
    uid.RTDoseStorage,
    uid.RTPlanStorage,
    uid.RawDataStorage,
)


def roles_for(classes: Iterable[str]) -> list[Role]:
    """This side is to be the SCP of these storage SOP classes (PS3.7 D.3.3.4)."""
    return [Role(sop_class, scu=False, scp=True) for sop_class in classes]


def contexts_for(classes: Sequence[str], room: int = MAX_CONTEXTS) -> Iterator[tuple[str, Sequence[str]]]:
    """The contexts for objects of these SOP classes, at most `room` of them.

    For each class: one that is uncompressed, then one for each compressed transfer syntax while there is room, and in
    the last one all that are left, of which the remote takes one.
    """
    each = room // len(classes)
    for sop_class in classes[:room]:
        yield sop_class, UNCOMPRESSED if each > 1 else (*UNCOMPRESSED, *COMPRESSED)
        alone, together = COMPRESSED[: each - 2], COMPRESSED[each - 2 :]
        if each > 1:
            yield from ((sop_class, (syntax,)) for syntax in (alone if each > 2 else ()))
            if rest := together if each > 2 else COMPRESSED:
                yield sop_class, rest


def is_accepted(association: Association) -> bool:
    """Whether the remote gives objects by C-GET: it has to take the role of their SCU too."""
    return bool(contexts_of(association, STUDY_ROOT_GET)) and any(_is_storage(each) for each in _contexts(association))


def get(association: Association, unit: Unit, intake: Intake) -> None:
    """Have what is asked for sent here, and store it as it comes.

    Raises NetworkError, RemoteFailed, RemoteRefused, and what ends the intake.
    """
    context = contexts_of(association, STUDY_ROOT_GET)[0]
    message_id = association.message_id
    command = request(Field.C_GET, STUDY_ROOT_GET, message_id)
    association.send(context, command, encode(identifier_of(unit), context.transfer_syntax))

    def take(message: Message) -> None:
        if message.command.field == Field.C_STORE:
            received = receive(association, message, intake.origin, intake.policy)
            association.send(message.context, received.answer(message.command))
            intake.note(received.outcome, received.comment)

    Conversation(association, context, Field.C_GET, message_id).hold(take, intake)


def _contexts(association: Association) -> Iterable[Context]:
    return association.contexts.values()


def _is_storage(context: Context) -> bool:
    return context.as_scp and context.abstract_syntax != STUDY_ROOT_GET
