"""One association with a remote that was admitted: what every service needs to answer it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from apps.accounts.principal import Principal
from apps.dicom.network.association import Association, Message
from apps.remotes.admission import Admitted


@dataclass(frozen=True, slots=True)
class Session:
    """An association, who it is with, and what they may do.

    `address` is where the remote calls from, `request_id` what the logs and the record know the association by.
    `reports` are the storage commitments that were reported on it, by the Message IDs whose answers are to come.
    """

    association: Association
    admitted: Admitted
    address: str
    request_id: str
    reports: dict[int, int] = field(default_factory=dict, compare=False)

    @property
    def principal(self) -> Principal:
        return self.admitted.principal


Handler = Callable[[Session, Message], None]
