"""The job that aligns the cameras of a procedure, and has each film converted then."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.accounts.principal import Principal
from apps.core.errors import Conflict
from apps.jobs.handle import JobHandle
from apps.saying import say
from apps.video import errands
from apps.video.cameras.asking import SOURCE
from apps.video.cameras.models import Alignment, Camera, Procedure
from apps.video.keeping import Folder, Taken
from apps.video.objects import sidecar
from apps.video.objects.metadata import Metadata, Synchronization
from apps.video.receiving import Arrival, Sender, register
from apps.video.wishes import Wishes, policy_of_json
from apps.video.working import GONE

LISTENING = say("Listening to the cameras")
HANDING_ON = say("Handing the films on to be converted")


def run(handle: JobHandle) -> dict[str, Any]:
    """Align the cameras of the job's procedure; the videos that they have become. Raises Conflict, ErrandRefused.

    The films are handed on in one transaction: an attempt that finds them handed on has nothing to do.
    """
    procedure = Procedure.objects.select_related("requested_by", "step").get(job=handle.job_id)
    cameras = list(procedure.cameras.order_by("number"))
    if all(camera.video_id for camera in cameras):
        return _result(procedure)
    if any(not Folder(camera.folder).source.exists() for camera in cameras):
        raise Conflict(GONE)
    if procedure.alignment == Alignment.SOUND:
        _listen(handle, cameras)
    else:
        _by_times(cameras)
    handle.progress(0, None, HANDING_ON)
    _hand_on(procedure, cameras)
    return _result(procedure)


def _listen(handle: JobHandle, cameras: list[Camera]) -> None:
    def listen(done: int, total: int) -> None:
        if total:
            handle.progress(done, total, LISTENING)
        else:
            handle.check()

    files = [str(Folder(camera.folder).source) for camera in cameras]
    found = errands.run("align", {"files": files, "names": [camera.name for camera in cameras]}, listen)
    for camera, offset, confidence in zip(cameras, found["offsets"], found["confidences"], strict=True):
        camera.offset, camera.confidence = float(offset), confidence


def _by_times(cameras: list[Camera]) -> None:
    starts = [camera.started_at for camera in cameras if camera.started_at]
    first = min(starts)
    for camera, start in zip(cameras, starts, strict=True):
        camera.offset = (start - first).total_seconds()


def _hand_on(procedure: Procedure, cameras: list[Camera]) -> None:
    """A video and its job for each film, or for none of them."""
    user = procedure.requested_by
    who = Principal.of(user) if user and user.is_active else Principal.worker(procedure.practice_id, SOURCE)
    sender = Sender(who, procedure.practice_id, SOURCE, procedure.synchronization_uid[-32:])
    with transaction.atomic():
        Procedure.objects.select_for_update(of=("self",)).get(pk=procedure.pk)
        arrivals = [_arrival(procedure, camera) for camera in cameras]
        for camera, video in zip(cameras, register(arrivals, sender), strict=True):
            camera.video = video
            camera.save(update_fields=["video", "offset", "confidence"])


def _arrival(procedure: Procedure, camera: Camera) -> Arrival:
    wishes = Wishes(_of_camera(procedure, camera), policy_of_json(procedure.policy), procedure.step)
    return Arrival(Folder(camera.folder), Taken(camera.size, camera.sha256), camera.file_name, wishes)


def _of_camera(procedure: Procedure, camera: Camera) -> Metadata:
    """What the camera's object says: its series, when it began on the clock of all, and which clock that is."""
    metadata = sidecar.decoded(procedure.metadata)
    began = camera.started_at
    if began is None and metadata.acquired is not None:
        began = metadata.acquired + timedelta(seconds=camera.offset or 0.0)
    series = metadata.series
    described = f"{series.description}, {camera.name}" if series.description else camera.name
    number = (series.number or 1) + camera.number - 1
    return replace(
        metadata,
        study=replace(metadata.study, uid=procedure.study_instance_uid),
        series=replace(series, uid=camera.series_instance_uid, number=number, description=described[:64]),
        acquired=timezone.localtime(began) if began else None,
        synchronization=Synchronization(
            procedure.synchronization_uid,
            is_time_synchronized=procedure.is_time_synchronized,
            time_source=procedure.time_source,
        ),
    )


def _result(procedure: Procedure) -> dict[str, Any]:
    videos = list(procedure.cameras.order_by("number").values_list("video_id", flat=True))
    return {"procedure": procedure.pk, "videos": videos}
