"""The pages of videos: the list, one video, what its buttons do, and who may see it."""

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from apps.jobs.models import Job, State
from apps.video.models import Video
from tests.video.admin.conftest import PLAN, REASONS, Make
from tests.video.admin.test_report import REPORT

pytestmark = pytest.mark.django_db
LIST = "admin:video_video_changelist"


def page(video: Video, name: str = "change") -> str:
    return reverse(f"admin:video_video_{name}", args=[video.pk])


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def said(answer: object) -> str:
    return " ".join(str(each) for each in get_messages(answer.wsgi_request))  # type: ignore[attr-defined]


def test_the_list_tells_how_each_goes(admin: Client, make: Make) -> None:
    running = make(State.RUNNING)
    Job.objects.update(progress_done=40, progress_total=100, progress_text="Reading the film")
    make(State.FAILED, code="damaged", reason="More than a fifth of the film is missing.")
    shown = text_of(admin, reverse(LIST))
    assert f'data-progress="/api/videos/{running.pk}"' in shown
    assert 'class="fill" width="40"' in shown
    assert "Reading the film" in shown
    assert "More than a fifth of the film is missing." in shown


def test_only_what_is_not_over_is_followed(admin: Client, make: Make) -> None:
    done = make(State.DONE)
    assert "data-progress=" not in text_of(admin, reverse(LIST))
    assert "data-progress=" not in text_of(admin, page(done))


def test_the_list_is_filtered_by_state(admin: Client, make: Make) -> None:
    make(State.FAILED, name="broken.avi")
    make(State.DONE, name="whole.mp4")
    shown = text_of(admin, f"{reverse(LIST)}?state=failed")
    assert "broken.avi" in shown
    assert "whole.mp4" not in shown


def test_a_page_says_what_was_done_and_why(admin: Client, make: Make) -> None:
    shown = text_of(admin, page(make(State.DONE, path="passthrough", plan=PLAN)))
    assert REASONS[0] in shown
    assert "Taken as it is" in shown
    assert "MPEG-4 AVC/H.264" in shown


def test_damage_is_warned_of_on_the_page_and_in_the_list(admin: Client, make: Make) -> None:
    afterwards = {"frames": 1791, "damaged": 7, "checkedAt": "2026-11-22T09:30:00+00:00"}
    video = make(State.DONE, report=REPORT | {"afterwards": afterwards})
    warning = "7 pictures of this film are damaged"
    assert warning in text_of(admin, page(video))
    assert warning in text_of(admin, reverse(LIST))
    Video.objects.update(report=REPORT | {"afterwards": afterwards | {"damaged": 0}})
    assert "are damaged" not in text_of(admin, page(video)) + text_of(admin, reverse(LIST))


def test_what_the_file_is_called_is_shown_as_text(admin: Client, make: Make) -> None:
    name = "<script>alert(1)</script>.mp4"
    video = make(name=name, reason="<b>bold</b>", metadata={"patient": {"name": "<i>Doe</i>^Jane"}})
    for address in (reverse(LIST), page(video)):
        shown = text_of(admin, address)
        assert "<script>alert" not in shown
        assert "<b>bold" not in shown
        assert "<i>Doe" not in shown


def test_it_is_cancelled_tried_again_and_taken_off(admin: Client, make: Make) -> None:
    video = make()
    assert "cancelled" in said(admin.post(page(video, "cancel")))
    assert Job.objects.get().state == State.CANCELLED
    assert "queued again" in said(admin.post(page(video, "retry")))
    assert Job.objects.get().state == State.QUEUED
    assert "being converted" in said(admin.post(page(video, "forget")))
    admin.post(page(video, "cancel"))
    answer = admin.post(page(video, "forget"))
    assert answer["Location"] == reverse(LIST)
    assert not Video.objects.exists()


def test_buttons_are_offered_where_they_can_do_something(admin: Client, make: Make) -> None:
    buttons = ("cancel", "retry", "forget")

    def offered(video: Video) -> list[str]:
        shown = text_of(admin, page(video))
        return [name for name in buttons if page(video, name) in shown]

    assert offered(make(State.RUNNING)) == ["cancel"]
    assert offered(make(State.FAILED)) == ["retry", "forget"]
    assert offered(make(State.FAILED, has_file=False)) == ["forget"]
    assert offered(make(State.DONE)) == ["forget"]


@pytest.mark.parametrize("name", ["change", "cancel", "retry", "forget"])
def test_another_practice_sees_nothing_of_it(elsewhere: Client, make: Make, name: str) -> None:
    video = make()
    method = elsewhere.get if name == "change" else elsewhere.post
    assert method(page(video, name)).status_code == 404
    assert video.name not in text_of(elsewhere, reverse(LIST))
    assert Video.objects.get().state == State.QUEUED


@pytest.mark.parametrize("name", ["change", "cancel", "retry", "forget"])
def test_who_is_not_signed_in_is_asked_to(anonymous: Client, make: Make, name: str) -> None:
    answer = anonymous.post(page(make(), name))
    assert answer.status_code == 302
    assert "login" in answer["Location"]
    assert Video.objects.get().state == State.QUEUED


def test_pages_that_change_something_are_not_opened(admin: Client, make: Make) -> None:
    video = make()
    assert {admin.get(page(video, name)).status_code for name in ("cancel", "retry", "forget")} == {405}
