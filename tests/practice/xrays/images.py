"""Pictures built in code, and requests that bring them."""

from io import BytesIO
from typing import Any

import numpy as np
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from PIL import Image

from apps.accounts.models import Practice
from apps.practice.models import Lead

XRAYS = "/api/dental/xrays"


def a_lead(practice: Practice, **facts: Any) -> Lead:
    known = {"family_name": "Rossi", "given_name": "Élise", "birth_date": "1984-03-02", "sex": "F"}
    return Lead.objects.create(practice=practice, **known | facts)


def shades(rows: int = 40, columns: int = 60, seed: int = 0) -> np.ndarray:
    return ((np.add.outer(np.arange(rows), np.arange(columns)) * 3 + seed) % 256).astype(np.uint8)


def noise() -> np.ndarray:
    return np.random.default_rng(7).integers(0, 255, (60, 80), dtype=np.uint8)


def colours(seed: int = 0) -> np.ndarray:
    grey = shades(seed=seed)
    return np.stack([grey, 255 - grey, grey // 2], axis=-1)


def encoded(values: np.ndarray, form: str = "JPEG", **options: Any) -> bytes:
    out = BytesIO()
    Image.fromarray(values).save(out, form, **options)
    return out.getvalue()


def jpeg(seed: int = 0, **options: Any) -> bytes:
    """A grey picture, such as sensors give."""
    return encoded(shades(seed=seed), "JPEG", **options)


def upload(client: Client, data: bytes | None, name: str = "a.jpg", **fields: Any) -> HttpResponse:
    """The answer to an upload; the file comes last, as in a browser's form."""
    file = {} if data is None else {"file": SimpleUploadedFile(name, data)}
    response: HttpResponse = client.post(XRAYS, {**fields, **file})
    return response


def fields_of(response: HttpResponse) -> set[str]:
    """The fields that a problem document says are wrong."""
    return {error["field"] for error in response.json().get("errors", [])}
