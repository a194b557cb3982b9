"""Why a video is not converted: a code for programs, a sentence for the person whose file it is."""

from enum import StrEnum

from apps.saying import Sentence


class Code(StrEnum):
    """What is the matter with the file; the codes are part of the REST API."""

    NOT_A_VIDEO = "notAVideo"
    EMPTY = "empty"
    NO_PICTURES = "noPictures"
    DAMAGED = "damaged"
    ENCRYPTED = "encrypted"
    NO_FRAME_RATE = "noFrameRate"
    TOO_LARGE = "tooLarge"
    TOO_LONG = "tooLong"
    UNSUPPORTED = "unsupported"
    QUALITY = "quality"
    MISMATCH = "mismatch"
    BAD_METADATA = "badMetadata"
    TIME_LIMIT = "timeLimit"


class Refused(Exception):
    """The file can't become a DICOM object; trying again changes nothing."""

    def __init__(self, code: Code, reason: Sentence) -> None:
        super().__init__(str(reason))
        self.code, self.reason = code, reason
