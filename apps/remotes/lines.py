"""The lines to a remote: what can be asked of it, the same whether it speaks DIMSE or DICOMweb."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from typing import Final, Protocol

from apps.dicom.network.association import Association
from apps.dicom.network.errors import NetworkError
from apps.dicom.network.pdu import MAX_CONTEXTS
from apps.dicom.network.requestor import Proposal
from apps.jobs.handle import Stopped
from apps.remotes import finding, getting, moving
from apps.remotes.asking import Query
from apps.remotes.calling import call
from apps.remotes.failures import RemoteFailed, RemoteRefused
from apps.remotes.finding import STUDY_ROOT_FIND
from apps.remotes.found import FoundInstance, FoundSeries, Results
from apps.remotes.intake import Intake, Unit
from apps.remotes.models import Protocol as Kind
from apps.remotes.models import Remote
from apps.remotes.retrieving import STUDY_ROOT_GET, STUDY_ROOT_MOVE
from apps.remotes.web import qido, wado
from apps.remotes.web.client import Client

_NO_WAY: Final = "{} lets this server fetch neither by C-GET nor by C-MOVE."


class Line(Protocol):
    """What a remote can be asked. Everything raises RemoteFailed and RemoteRefused."""

    def studies(self, query: Query, most: int) -> Results: ...

    def series(self, study_uid: str) -> tuple[FoundSeries, ...]: ...

    def instances(self, study_uids: Iterable[str]) -> dict[str, list[FoundInstance]]:
        """All instances of these studies; an empty list for one that isn't there."""

    def fetch(self, units: Iterable[Unit], classes: Iterable[str], intake: Intake) -> None:
        """Fetch these into the intake; of these SOP classes, where they are known."""


def line_to(remote: Remote) -> Line:
    return WebLine(remote) if remote.protocol == Kind.DICOMWEB else DimseLine(remote)


@dataclass(frozen=True, slots=True)
class DimseLine:
    """A remote of the DICOM network. Each question is an association."""

    remote: Remote

    def studies(self, query: Query, most: int) -> Results:
        with self._finding() as association:
            return finding.studies(association, query, most)

    def series(self, study_uid: str) -> tuple[FoundSeries, ...]:
        with self._finding() as association:
            return finding.series(association, study_uid)

    def instances(self, study_uids: Iterable[str]) -> dict[str, list[FoundInstance]]:
        with self._finding() as association:
            return {uid: finding.instances(association, uid) for uid in study_uids}

    def fetch(self, units: Iterable[Unit], classes: Iterable[str], intake: Intake) -> None:
        """By C-GET where the remote takes that, else by C-MOVE to this server."""
        known = sorted(set(filter(None, classes))) or getting.USUAL
        # Some take the others only beside searching.
        asking: tuple[str, ...] = (STUDY_ROOT_FIND, STUDY_ROOT_GET, STUDY_ROOT_MOVE)
        storage = getting.contexts_for(known, MAX_CONTEXTS - len(asking))
        contexts = [(each, getting.UNCOMPRESSED) for each in asking] + list(storage)
        with associated(self.remote, Proposal(contexts, roles=getting.roles_for(known))) as association:
            fetch = self._way(association)
            for unit in units:
                fetch(association, unit, intake)

    def _way(self, association: Association) -> Callable[[Association, Unit, Intake], None]:
        if getting.is_accepted(association):
            return getting.get
        if moving.is_accepted(association):
            return moving.move
        raise RemoteRefused(_NO_WAY.format(self.remote.name))

    def _finding(self) -> AbstractContextManager[Association]:
        return associated(self.remote, Proposal([(STUDY_ROOT_FIND, getting.UNCOMPRESSED)]))


@contextmanager
def associated(remote: Remote, proposal: Proposal) -> Iterator[Association]:
    """An association that is released at the end and where the work is stopped, and aborted where it failed.

    Raises RemoteFailed, in place of NetworkError, and RemoteRefused.
    """
    with call(remote, proposal) as association:
        try:
            yield association
            association.release()
        except NetworkError as error:
            association.abort()
            raise RemoteFailed(f"{remote.name}: {error}") from error
        except (Stopped, GeneratorExit):
            with suppress(NetworkError):
                association.release()
            raise
        except BaseException:
            association.abort(by_provider=False)
            raise


@dataclass(frozen=True, slots=True)
class WebLine:
    """A DICOMweb remote."""

    remote: Remote

    def studies(self, query: Query, most: int) -> Results:
        with Client(self.remote) as client:
            return qido.studies(client, query, most)

    def series(self, study_uid: str) -> tuple[FoundSeries, ...]:
        with Client(self.remote) as client:
            return qido.series(client, study_uid)

    def instances(self, study_uids: Iterable[str]) -> dict[str, list[FoundInstance]]:
        with Client(self.remote) as client:
            return {uid: qido.instances(client, uid) for uid in study_uids}

    def fetch(self, units: Iterable[Unit], classes: Iterable[str], intake: Intake) -> None:
        """By WADO-RS, which needs no SOP classes."""
        with Client(self.remote) as client:
            for unit in units:
                wado.fetch(client, unit, intake)
