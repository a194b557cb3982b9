"""What only resumable uploads are refused for (tus 1.0.0)."""

from apps.core.errors import Conflict, FoveaError, Invalid
from apps.saying import say


class OtherVersion(FoveaError):
    """The client doesn't say that it speaks tus 1.0.0."""

    status = 412
    code = "other-tus-version"
    title = say("Another version of the protocol is spoken here")


class WrongOffset(Conflict):
    """The client is not where the server is."""

    code = "wrong-offset"
    title = say("The upload has come to another offset")


class UploadBusy(FoveaError):
    """Another request brings bytes of this upload at this moment."""

    status = 423
    code = "upload-busy"
    title = say("The upload is at work in another request")


class UploadGone(FoveaError):
    """It has expired, or what was received is lost."""

    status = 410
    code = "upload-gone"
    title = say("The upload is not here any more")


class WrongChecksum(Invalid):
    """460 is tus' own."""

    status = 460
    code = "wrong-checksum"
    title = say("The bytes are not those that the checksum was made of")
