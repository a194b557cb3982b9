"""A kind of job whose work a test chooses, and sites with a real worker, over each broker."""

import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from apps.jobs.handle import JobHandle
from apps.jobs.registry import job
from tests import migrated
from tests.jobs.site import Site

KIND = "tests-chosen"

_chosen: list[Callable[[JobHandle], Any]] = []


@job(KIND, max_attempts=2, timeout=77)
def chosen(handle: JobHandle, **_: Any) -> Any:
    return _chosen[-1](handle)


@pytest.fixture
def work() -> Iterator[Callable[[Callable[[JobHandle], Any]], None]]:
    """Sets what jobs of `KIND` do."""
    yield _chosen.append
    _chosen.clear()


@pytest.fixture(scope="session")
def new_site(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Site]:
    def make(**environment: str) -> Site:
        site = Site(tmp_path_factory.mktemp("site"), **environment)
        migrated.lay_out(site.folder)
        return site

    return make


@pytest.fixture(scope="module", params=["orm", pytest.param("redis", marks=pytest.mark.server)])
def working_site(request: pytest.FixtureRequest, new_site: Callable[..., Site]) -> Iterator[Site]:
    """A site with its worker, shared by the tests of a module; one for each broker."""
    environment = {"FOVEA_BROKER_URL": request.getfixturevalue("redis_url")} if request.param == "redis" else {}
    site = new_site(**environment)
    site.start_worker()
    yield site
    site.stop_worker(signal.SIGKILL)


@pytest.fixture
def site(new_site: Callable[..., Site]) -> Iterator[Site]:
    """A site of the test's own, whose worker it starts and ends itself."""
    site = new_site(FOVEA_JOB_STALL="3")
    yield site
    if site.worker and site.worker.poll() is None:
        site.stop_worker(signal.SIGKILL)
