"""A stored CT whose values are linear in the patient's millimetres, so that every image of it is known."""

from collections.abc import Callable
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

import numpy as np
import orjson
import pytest
from django.test import Client
from numpy.typing import NDArray
from PIL import Image

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.volumes.models import Volume
from tests.conftest import client_of
from tests.rights import give
from tests.volumes.phantoms import centres, lattice_of, linear_at
from tests.volumes.stored import stored_volume

SHAPE = (6, 10, 12)
SPACING = (2.0, 1.0, 1.0)
ORIGIN = (-20.0, -30.0, 40.0)
# Whole numbers at all voxels: 16 bits hold the volume exactly.
TRUTH = (100.0, 3.0, -2.0, 5.0)

Get = Callable[..., Any]


def values() -> NDArray[np.int16]:
    lattice = lattice_of(SHAPE, SPACING, origin=ORIGIN)
    return np.rint(linear_at(centres(lattice), *TRUTH)).astype(np.int16)


@pytest.fixture
def volume(practice: Practice) -> Volume:
    return stored_volume(practice, values(), spacing=SPACING, origin=ORIGIN)


@pytest.fixture
def get(client: Client, volume: Volume) -> Get:
    """Ask for something of the volume."""

    def ask(below: str, headers: dict[str, str] | None = None, **parameters: object) -> Any:
        return client.get(address(volume, below, **parameters), headers=headers)

    return ask


@pytest.fixture
def others(stranger_client: Client, anonymous: Client) -> dict[int, Client]:
    """Who may not look at it, by what they are answered."""
    return {404: stranger_client, 401: anonymous}


def address(volume: Volume, below: str = "", **parameters: object) -> str:
    query = f"?{urlencode(parameters)}" if parameters else ""
    return f"/api/volumes/{volume.pk}{below}{query}"


def who_may(practice: Practice, *permissions: Permission) -> Client:
    user = User.objects.create_user("vera", practice=practice)
    give(user, practice, *permissions)
    return client_of(user)


def facts(response: Any) -> dict[str, Any]:
    """What is told of an image beside its pixels."""
    assert response.status_code == 200, response.content
    told: dict[str, Any] = orjson.loads(response["Fovea-Image"])
    return told


def numbers(response: Any) -> NDArray[Any]:
    """The values of a raw image."""
    told = facts(response)
    kept = np.frombuffer(response.content, {"float32": "<f4", "int16": "<i2"}[told["type"]])
    return kept.reshape(told["rows"], told["columns"]) * told["slope"] + told["intercept"]


def truth(told: dict[str, Any]) -> NDArray[np.float64]:
    """What the phantom has where an image says that it lies."""
    rows, columns = np.arange(told["rows"])[:, None, None], np.arange(told["columns"])[None, :, None]
    down = rows * told["rowSpacing"] * np.array(told["down"])
    across = columns * told["columnSpacing"] * np.array(told["across"])
    return linear_at(np.array(told["origin"]) + down + across, *TRUTH)


def picture(response: Any) -> Image.Image:
    assert response.status_code == 200, response.content
    return Image.open(BytesIO(response.content))
