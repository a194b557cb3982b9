"""How a worker starts, ends and mends itself."""

import os
import signal

from tests.jobs.site import Site, children, is_alive, wait_until


def processes_of(site: Site) -> list[int]:
    """The processes of the worker's pool, without its parent."""
    assert site.worker is not None
    sentinels = children(site.worker.pid)
    return sentinels + [pid for sentinel in sentinels for pid in children(sentinel)]


def test_a_killed_worker_leaves_no_process_behind_and_the_next_one_ends_its_job(site: Site) -> None:
    site.start_worker()
    pk = site.insert("tests-slow")
    site.wait_for(pk, state="running")
    pool = processes_of(site)
    site.stop_worker(signal.SIGKILL)
    wait_until(lambda: not any(map(is_alive, pool)))
    site.start_worker()
    site.wait_for(pk, state="running", attempts=2)
    site.cancel(pk)
    site.wait_for(pk, state="cancelled")


def test_a_worker_that_is_told_to_end_puts_its_job_back_uncounted(site: Site) -> None:
    site.start_worker()
    pk = site.insert("tests-slow")
    site.wait_for(pk, state="running")
    assert site.stop_worker(signal.SIGTERM) == 0
    job = site.job(pk)
    assert (job["state"], job["attempts"], job["sent_at"]) == ("queued", 0, None)


def test_a_pool_whose_waiting_processes_were_killed_works_again(site: Site) -> None:
    site.start_worker()
    first = site.insert("tests-note")
    site.wait_for(first, state="done")
    assert site.worker is not None
    for pid in processes_of(site)[1:3]:
        os.kill(pid, signal.SIGKILL)
    second = site.insert("tests-note")
    site.wait_for(second, state="done")
    assert len(site.begun("tests-note")) == 2
