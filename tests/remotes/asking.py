"""Requests for associations, as nodes make them."""

from typing import Any

from apps.dicom.network.pdu import AssociateRequest, UserIdentity, UserInformation
from apps.remotes.admission import Admitted, admit
from apps.remotes.models import Remote

TITLE = "NORTH"
XRAY = "XRAY"
HERE = "192.168.4.20"


def request(calling: str = XRAY, called: str = TITLE, identity: UserIdentity | None = None) -> AssociateRequest:
    return AssociateRequest(called, calling, (), UserInformation(identity=identity))


def ask(address: str = HERE, **asked: Any) -> Admitted:
    """What becomes of a request without TLS."""
    return admit(request(**asked), address, None, False)


def password(name: str, passcode: str, *, wants_answer: bool = False) -> UserIdentity:
    return UserIdentity(2, name.encode(), passcode.encode(), wants_answer)


def reload(remote: Remote, **changes: Any) -> None:
    """Change a remote as somebody in the admin would."""
    for name, value in changes.items():
        setattr(remote, name, value)
    remote.save()
