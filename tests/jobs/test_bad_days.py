"""What becomes of jobs when workers die: with a real worker and real kills, over each broker."""

from tests.jobs.site import Site


def test_a_job_that_kills_its_worker_fails_after_its_attempts_and_the_queue_goes_on(working_site: Site) -> None:
    deadly, harmless = working_site.ask("tests-die", "tests-note")
    job = working_site.wait_for(deadly, state="failed")
    assert job["attempts"] == len(working_site.begun("tests-die")) == 2
    assert "may need more memory" in job["error"]
    assert working_site.wait_for(harmless, state="done")["attempts"] == 1
    after = working_site.insert("tests-note")
    working_site.wait_for(after, state="done")
    assert len(working_site.begun("tests-note")) == 2


def test_progress_is_seen_and_a_running_job_can_be_cancelled(working_site: Site) -> None:
    pk = working_site.insert("tests-slow")
    working_site.wait_for(pk, progress_text="Waiting", state="running")
    working_site.cancel(pk)
    job = working_site.wait_for(pk, state="cancelled")
    assert 0 < job["progress_done"] < job["progress_total"] == 600
    # On a machine that stands still for longer than a lease, one attempt may have been given up before.
    assert len(working_site.begun("tests-slow")) == job["attempts"]


def test_a_job_that_hangs_is_ended_and_says_so(working_site: Site) -> None:
    pk = working_site.insert("tests-hang", max_attempts=1)
    assert "took longer" in working_site.wait_for(pk, state="failed")["error"]
