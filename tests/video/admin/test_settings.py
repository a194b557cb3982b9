"""What a practice decides in the admin: masks over what devices burn in, and how videos are converted."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Practice
from apps.audit.models import Event
from apps.jobs.models import State
from apps.video.models import MaskTemplate, PracticePolicy
from tests.video.admin.conftest import Make

pytestmark = pytest.mark.django_db
ADD_MASK = "admin:video_masktemplate_add"
ADD_POLICY = "admin:video_practicepolicy_add"
CORNER = {"left": 0.1, "top": 0.0, "width": 0.25, "height": 0.1}


def mask(practice: Practice, **changed: object) -> dict[str, object]:
    form = {"practice": practice.pk, "name": "Tower 2", "manufacturer": "", "model": "", "masks": json.dumps([CORNER])}
    return form | changed


def policy(practice: Practice, **changed: object) -> dict[str, object]:
    form = {"practice": practice.pk, "sound": "keep", "hevc": "h264", "mjpeg": "keep", "interlace": "keep",
            "timing": "constant", "speed": "express", "hardware": "on", "max_lost": "0.1"}  # fmt: skip
    return form | changed


def test_a_template_is_kept_as_it_was_drawn(admin: Client, practice: Practice) -> None:
    admin.post(reverse(ADD_MASK), mask(practice))
    template = MaskTemplate.objects.get()
    assert (template.name, template.masks) == ("Tower 2", [CORNER])
    page = admin.get(reverse("admin:video_masktemplate_change", args=[template.pk])).content.decode()
    assert "&quot;left&quot;: 0.1" in page
    assert Event.objects.filter(detail__contains="video mask Tower 2 added").exists()


def test_rectangles_beyond_the_picture_are_refused(admin: Client, practice: Practice) -> None:
    outside = json.dumps([CORNER | {"left": 0.9}])
    answer = admin.post(reverse(ADD_MASK), mask(practice, masks=outside))
    assert "Rectangle 1" in answer.content.decode()
    assert not MaskTemplate.objects.exists()


def test_what_was_drawn_is_there_again_when_something_is_wrong(admin: Client, practice: Practice) -> None:
    answer = admin.post(reverse(ADD_MASK), mask(practice, name=""))
    assert "&quot;width&quot;: 0.25" in answer.content.decode()


def test_masks_are_drawn_on_pictures_of_ones_own_videos(admin: Client, elsewhere: Client, make: Make) -> None:
    make(State.DONE, name="seen.mp4", sop_instance_uid="1.2.3")
    make(State.RUNNING, name="unseen.mp4")
    page = admin.get(reverse(ADD_MASK)).content.decode()
    assert "/api/instances/1.2.3/poster" in page
    assert "unseen.mp4" not in page
    assert "seen.mp4" not in elsewhere.get(reverse(ADD_MASK)).content.decode()


def test_a_template_is_removed(admin: Client, practice: Practice) -> None:
    template = MaskTemplate.objects.create(practice=practice, name="Tower 2", masks=[CORNER])
    admin.post(reverse("admin:video_masktemplate_delete", args=[template.pk]), {"post": "yes"})
    assert not MaskTemplate.objects.exists()


def test_a_practice_decides_once(admin: Client, practice: Practice) -> None:
    admin.post(reverse(ADD_POLICY), policy(practice))
    kept = PracticePolicy.objects.get()
    assert (kept.sound, kept.speed, kept.max_lost, kept.keep_4k) == ("keep", "express", 0.1, False)
    again = admin.post(reverse(ADD_POLICY), policy(practice, sound="strip"))
    assert "already exists" in again.content.decode()
    change = reverse("admin:video_practicepolicy_change", args=[practice.pk])
    admin.post(change, policy(practice, sound="strip"))
    assert PracticePolicy.objects.get().sound == "strip"


def test_another_practices_are_not_there(elsewhere: Client, practice: Practice) -> None:
    template = MaskTemplate.objects.create(practice=practice, name="Tower 2", masks=[CORNER])
    PracticePolicy.objects.create(practice=practice)
    for name, key in (("masktemplate", template.pk), ("practicepolicy", practice.pk)):
        change = reverse(f"admin:video_{name}_change", args=[key])
        assert elsewhere.get(change).status_code == 404
        assert elsewhere.post(change, mask(practice) | policy(practice)).status_code == 404
    assert MaskTemplate.objects.get().name == "Tower 2"


@pytest.mark.parametrize("address", [ADD_MASK, ADD_POLICY])
def test_nobody_adds_to_another_practice(elsewhere: Client, practice: Practice, address: str) -> None:
    elsewhere.post(reverse(address), mask(practice) | policy(practice))
    assert not MaskTemplate.objects.exists()
    assert not PracticePolicy.objects.exists()


@pytest.mark.parametrize("address", [ADD_MASK, ADD_POLICY])
def test_who_is_not_signed_in_is_asked_to(anonymous: Client, practice: Practice, address: str) -> None:
    assert "login" in anonymous.post(reverse(address), mask(practice))["Location"]
    assert not MaskTemplate.objects.exists()
