"""A secretary of the practice at the admin's pages, and videos in every state."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Practice, User
from apps.jobs.models import State
from apps.jobs.queue import enqueue
from apps.video.models import Video
from apps.video.receiving import KIND
from tests.conftest import client_of

Make = Callable[..., Video]
REASONS = ["The film is H.264 High in an MP4 already, so that its bytes are taken as they are."]
PLAN = {
    "path": "passthrough", "transferSyntaxUid": "1.2.840.10008.1.2.4.102", "columns": 320, "rows": 240,
    "rate": "30000/1001", "isExact": True, "sound": "none", "container": "mp4", "steps": [], "reasons": REASONS,
}  # fmt: skip


def staff(user: User) -> Client:
    user.is_staff = True
    user.save()
    return client_of(user)


@pytest.fixture
def admin(user: User) -> Client:
    return staff(user)


@pytest.fixture
def elsewhere(stranger: User) -> Client:
    """Somebody who works in another practice."""
    return staff(stranger)


@pytest.fixture
def make(practice: Practice, user: User) -> Make:
    """A video whose job is in a state."""

    def made(state: State = State.QUEUED, **columns: Any) -> Video:
        job = enqueue(KIND, practice=practice.pk)
        job.state = state
        job.save(update_fields=["state"])
        number = Video.objects.count()
        facts = {"name": f"film {number}.mp4", "size": 1 << 20, "sha256": "0" * 64, "folder": f"{number:032x}"}
        return Video.objects.create(practice=practice, job=job, requested_by=user, source="API", **(facts | columns))

    return made
