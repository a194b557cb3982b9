"""The work of the jobs: a destination is asked about a study until it has answered, then the study may go."""

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.utils import timezone

from apps.archive.models import Instance, Study
from apps.jobs.handle import Later
from apps.remotes.failures import RemoteFailed, RemoteRefused
from apps.remotes.models import Protocol, Remote
from apps.routing.commitments import asking, clearing, requests
from apps.routing.commitments.models import CommitmentRequest, RequestState
from apps.routing.models import Delivery, DeliveryState

# How soon it is looked again whether what stood against deleting still does.
LOOK_AGAIN: Final = timedelta(minutes=15)
TAKEN: Final = (DeliveryState.TAKEN, DeliveryState.WARNED)


def ask(study_pk: int, remote_pk: int) -> str:
    """Ask the destination about the whole study; how it stands, in a word. Raises Later while it is not answered."""
    study = Study.objects.filter(pk=study_pk).first()
    remote = Remote.objects.filter(pk=remote_pk).first()
    if study is None or remote is None:
        return "gone"
    if remote.protocol != Protocol.DIMSE:
        return "it is not asked by DICOMweb"
    settled_at = study.updated_at + timedelta(seconds=settings.STUDY_SETTLES)
    if (pause := settled_at - timezone.now()) > timedelta(0):
        raise Later(pause)
    if not _is_all_there(study, remote) or clearing.was_changed(study, remote.pk):
        return "it has not got the study as it is here"
    for request in requests.of(study, remote):
        if requests.claim(request):
            ask_about(request)
    return _outcome(study, remote)


def ask_about(request: CommitmentRequest) -> None:
    """Ask about the instances of one transaction, and note what came of it."""
    try:
        asking.ask(request)
    except RemoteRefused as error:
        requests.failed(request, error.detail, is_declined=True)
    except RemoteFailed as error:
        requests.failed(request, error.detail)
    else:
        requests.accepted(request)


def clear(study_pk: int) -> str:
    """Delete the study here if it may be; how it stands. Raises Later while what stands against it may pass."""
    study = Study.objects.filter(pk=study_pk).first()
    if study is None:
        return "gone"
    kept = clearing.clear(study)
    if kept is None:
        return "deleted"
    recent = timezone.now() - requests.GIVEN_UP_AFTER
    rows = CommitmentRequest.objects.filter(study=study, study_version=study.version, created_at__gt=recent)
    if kept.for_now and rows.exists():
        raise Later(LOOK_AGAIN)
    return kept.why


def _is_all_there(study: Study, remote: Remote) -> bool:
    """Whether every instance that is here now has been taken there."""
    taken = Delivery.objects.filter(outgoing__study=study, outgoing__remote=remote, state__in=TAKEN)
    here = Instance.objects.filter(series__study=study)
    return not here.exclude(pk__in=taken.values("instance_key")).exists()


def _outcome(study: Study, remote: Remote) -> str:
    rows = CommitmentRequest.objects.filter(study=study, remote=remote, study_version=study.version)
    left = rows.filter(state__in=requests.open_states()).order_by("next_try_at")
    next_try = left.values_list("next_try_at", flat=True).first()
    if next_try is not None:
        raise Later(max(next_try - timezone.now(), timedelta(seconds=1)))
    return "given up" if rows.filter(state=RequestState.GIVEN_UP).exists() else "committed"
