"""Opening associations with remotes; what goes wrong is said in the words of who asked for it."""

import ssl
from typing import Final

from apps.core.version import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from apps.dicom.network.association import Association
from apps.dicom.network.errors import NetworkError, Rejected
from apps.dicom.network.pdu import Rejection
from apps.dicom.network.requestor import DEFAULT_LIMITS, Implementation, Node, Proposal, associate
from apps.dicom.network.wire import Limits
from apps.remotes import trust
from apps.remotes.failures import RemoteFailed, RemoteRefused
from apps.remotes.models import ApplicationEntity, Protocol, Remote
from apps.saying import Sentence, say

IMPLEMENTATION: Final = Implementation(IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME)
# These go by themselves.
_TRANSIENT: Final = frozenset({Rejection.TEMPORARY_CONGESTION, Rejection.LOCAL_LIMIT_EXCEEDED})


def call(remote: Remote, proposal: Proposal, *, title: str = "", limits: Limits = DEFAULT_LIMITS) -> Association:
    """An association with a remote, by TLS where it uses it. `title` is which of our AE titles calls.

    Left out, that is the first of the remote's practice. Raises RemoteFailed where another time may do, and
    RemoteRefused where something has to be changed first, here or there.
    """
    calling = title or own_title(remote.practice_id)
    node = _node(remote, calling)
    try:
        return associate(node, proposal, IMPLEMENTATION, limits)
    except Rejected as error:
        text = _advice(error.rejection, node, remote.name)
        raise (RemoteFailed(text) if error.rejection in _TRANSIENT else RemoteRefused(text)) from error
    except NetworkError as error:
        raise RemoteFailed(f"{remote.name}: {error}") from error


def own_title(practice_id: int) -> str:
    """The AE title by which a practice calls: its first. Raises RemoteRefused where it has none."""
    title = ApplicationEntity.objects.filter(practice_id=practice_id).values_list("title", flat=True).first()
    if title is None:
        raise RemoteRefused(
            say("This practice has no AE title of its own yet: add one under AE titles of this server.")
        )
    return title


def _node(remote: Remote, calling: str) -> Node:
    if not remote.is_active:
        raise RemoteRefused(say("{name} is switched off here.", name=remote.name))
    if remote.protocol != Protocol.DIMSE:
        raise RemoteRefused(say("{name} is reached by DICOMweb, not by the DICOM network.", name=remote.name))
    if not (remote.title and remote.host and remote.port):
        raise RemoteRefused(say("To call {name}, its AE title, its host and its port must be known.", name=remote.name))
    return Node(remote.host, remote.port, remote.title, calling, _tls(remote) if remote.uses_tls else None)


def _tls(remote: Remote) -> ssl.SSLContext:
    try:
        return trust.client_context(remote)
    except (OSError, ValueError) as error:
        raise RemoteRefused(
            say("The certificate of {name}, or this server's own, can't be read.", name=remote.name)
        ) from error


def _advice(rejection: Rejection, node: Node, name: str) -> Sentence:
    """Who refuses the call, and what to do about it."""
    match rejection:
        case Rejection.CALLING_AE_TITLE_NOT_RECOGNISED:
            return say(
                "{name} refuses the call: it does not know the AE title {title}. Enter it there, with this server's "
                "address.",
                name=name,
                title=node.calling,
            )
        case Rejection.CALLED_AE_TITLE_NOT_RECOGNISED:
            return say(
                "{name} refuses the call: its AE title is not {title}. Correct it here.", name=name, title=node.called
            )
        case Rejection.TEMPORARY_CONGESTION:
            return say("{name} refuses the call: it is busy. Try again later.", name=name)
        case Rejection.LOCAL_LIMIT_EXCEEDED:
            return say("{name} refuses the call: it has too many connections. Try again later.", name=name)
        case Rejection.NO_REASON:
            return say(
                "{name} refuses the call: it gives no reason. It may not know this server, or ask who the user is.",
                name=name,
            )
    return say("{name} refuses the call: {reason}.", name=name, reason=rejection.text)
