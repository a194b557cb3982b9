"""The page of the panoramic: for who sees the study, like absent for others, and plain about what is wrong."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.volumes.models import Volume
from apps.volumes.page.words import words
from tests.conftest import client_of
from tests.rights import give
from tests.volumes.stored import stored_volume

VALUES = np.zeros((6, 8, 8), np.int16)
FOLDER = Path(settings.BASE_DIR) / "static" / "fovea" / "panoramic"
SCRIPTS = "\n".join(path.read_text() for path in sorted(FOLDER.glob("*.js")))


@pytest.fixture
def volume(practice: Practice) -> Volume:
    return stored_volume(practice, VALUES)


@pytest.fixture
def uneven(practice: Practice) -> Volume:
    """One of which a slice is missing."""
    return stored_volume(practice, VALUES, positions=(0.0, 1.0, 2.0, 4.0, 5.0, 6.0))


def address(volume: Volume) -> str:
    return reverse("volume-panoramic", args=[volume.pk])


def who_may(practice: Practice, *permissions: Permission) -> Client:
    user = User.objects.create_user("vera", practice=practice)
    give(user, practice, *permissions)
    return client_of(user)


def said(page: str, name: str) -> Any:
    """What the page hands to its scripts."""
    found = re.search(rf'<script id="panoramic-{name}" type="application/json">(.*?)</script>', page)
    assert found
    return json.loads(found[1])


def test_who_sees_the_study_has_the_page(client: Client, volume: Volume) -> None:
    answer = client.get(address(volume))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "'unsafe-inline'" not in answer["Content-Security-Policy"]
    assert volume.series.study.patient_name.split("^")[0] in page
    study = volume.series.study.study_instance_uid
    assert said(page, "addresses") == {
        "volume": f"/api/volumes/{volume.pk}",
        "analyses": f"/api/studies/{study}/analyses",
        "analysis": "/api/analyses",
        "viewer": f"/viewer/viewer?StudyInstanceUIDs={study}",
    }


def test_the_page_speaks_the_readers_language(client: Client, volume: Volume) -> None:
    page = client.get(address(volume), headers={"Accept-Language": "fr"}).content.decode()
    assert '<html lang="fr">' in page


def test_scripts_have_every_word_that_they_say_and_no_others() -> None:
    assert set(re.findall(r"\bwords\.(\w+)", SCRIPTS)) <= set(words())
    assert {word for word in words() if not re.search(rf'words\.{word}\b|"{word}"', SCRIPTS)} == set()


def test_scripts_find_every_part_of_the_page(client: Client, volume: Volume) -> None:
    parts = set(re.findall(r' id="([\w-]+)"', client.get(address(volume)).content.decode()))
    assert set(re.findall(r'getElementById\("([\w-]+)"\)', SCRIPTS)) <= parts


def test_another_practices_user_is_told_that_it_is_not_there(stranger_client: Client, volume: Volume) -> None:
    assert stranger_client.get(address(volume)).status_code == 404
    assert stranger_client.get(reverse("volume-panoramic", args=[volume.pk + 1])).status_code == 404


def test_nobody_is_led_to_the_sign_in_and_back(anonymous: Client, volume: Volume) -> None:
    answer = anonymous.get(address(volume))
    assert answer.status_code == 302
    assert answer["Location"] == f"/accounts/login/?next={address(volume)}"


def test_who_may_not_look_at_studies_has_none(practice: Practice, volume: Volume) -> None:
    assert who_may(practice, Permission.UPLOAD).get(address(volume)).status_code == 404


def test_saving_is_for_who_may_start_analyses(practice: Practice, volume: Volume) -> None:
    assert 'id="save"' not in who_may(practice, Permission.VIEW).get(address(volume)).content.decode()


def test_who_may_start_analyses_has_the_button(practice: Practice, volume: Volume) -> None:
    assert 'id="save"' in who_may(practice, Permission.VIEW, Permission.ANALYSE).get(address(volume)).content.decode()


def test_what_is_not_quantifiable_is_said_and_not_measured(client: Client, uneven: Volume) -> None:
    page = client.get(address(uneven)).content.decode()
    assert "Not quantifiable" in page
    assert re.search(r'data-tool="measure" aria-pressed="false" disabled', page)
    assert 'id="measurements"' not in page


def test_what_is_quantifiable_is_measured(client: Client, volume: Volume) -> None:
    page = client.get(address(volume)).content.decode()
    assert "Not quantifiable" not in page
    assert 'data-tool="measure" aria-pressed="false">' in page
