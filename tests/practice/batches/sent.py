"""Batches as a caller sends them, and their jobs as a worker does them."""

import io
from collections.abc import Mapping
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from apps.jobs.handle import JobHandle
from apps.jobs.models import Job
from apps.practice.batches.tasks import practice_batch

BATCHES = "/api/dental/xrays/batch"


def send(client: Client, files: Mapping[str, bytes], **fields: Any) -> Any:
    """The answer to a form with these files and fields."""
    uploads = [SimpleUploadedFile(name, content) for name, content in files.items()]
    return client.post(BATCHES, {**fields, "files": uploads})


def work(answer: Any) -> dict[str, Any]:
    """Do the job of an answered batch; its result."""
    result: dict[str, Any] = practice_batch(JobHandle(answer.json()["jobId"], 1))
    return result


def job_of(answer: Any) -> Job:
    return Job.objects.get(pk=answer.json()["jobId"])


def ask(client: Client, answer: Any, **query: Any) -> Any:
    """How the batch goes."""
    return client.get(BATCHES, {"jobId": answer.json()["jobId"], **query})


def outcomes(client: Client, answer: Any) -> dict[str, str]:
    """What became of each file, by its name."""
    return {each["name"]: each["outcome"] for each in ask(client, answer).json()["files"]["results"]}


def details(client: Client, answer: Any) -> dict[str, str]:
    return {each["name"]: each["detail"] for each in ask(client, answer).json()["files"]["results"]}


def picture(kind: str = "JPEG", colour: int = 90) -> bytes:
    """A small picture."""
    stream = io.BytesIO()
    Image.new("L", (48, 32), colour).save(stream, kind)
    return stream.getvalue()
