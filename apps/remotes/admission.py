"""Who may call: from a request for an association to the remote that it is from, and what that may do."""

from dataclasses import dataclass

from apps.accounts.principal import Principal
from apps.archive.outcomes import DuplicatePolicy
from apps.remotes.models import Service


@dataclass(frozen=True, slots=True)
class Admitted:
    """A remote that may call, as of the moment it called.

    `principal` acts in `practice_id`, the practice of the called AE title, with the permissions that the services
    come to: VIEW for finding, VIEW and DOWNLOAD for getting, SEND for moving, UPLOAD for storing; of a user who has
    said who they are, no more than they have there.
    """

    remote_id: int
    name: str
    title: str
    called: str
    practice_id: int
    principal: Principal
    services: frozenset[Service]
    duplicates: DuplicatePolicy | None = None
    transfer_syntaxes: tuple[str, ...] = ()
    identity_answer: bytes | None = None
