"""Studies and jobs of the first practice, as the REST API shows them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Practice, User
from apps.archive.models import Study
from apps.archive.store import Origin, store_one
from apps.jobs.models import Job
from tests import dicoms

NewJob = Callable[..., Job]


@pytest.fixture
def study(practice: Practice) -> Study:
    """One CT slice of Jane Doe, of 29 February 2024."""
    outcome = store_one([dicoms.ct_slice()], Origin("test", practice.pk, "nora"))
    return Study.objects.get(study_instance_uid=outcome.study_instance_uid)


@pytest.fixture
def new_job(practice: Practice, user: User) -> NewJob:
    def make(**fields: Any) -> Job:
        return Job.objects.create(**{"kind": "study-stable", "practice": practice, "requested_by": user, **fields})

    return make


@pytest.fixture
def warm_client(client: Client) -> Client:
    """Signed in, and remembered: queries that are counted are those of the request itself."""
    client.get("/api/me")
    return client
