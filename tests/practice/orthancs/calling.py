"""Calls as a script in an Orthanc makes them."""

import json
import time
from typing import Any

from django.test import Client

from apps.practice.models import Orthanc
from apps.practice.orthancs.signature import sign
from tests.practice.orthancs.peer import name_of

SECRET = "a secret of the tests"
WEBHOOK = "/api/dental/dicom/webhook"
RECEIVE = "/api/dental/dicom/receive"
STUDY = name_of("any study")


def notice(change: str = "StableStudy", resource: str = STUDY, **more: Any) -> bytes:
    kind = "Instance" if "Instance" in change else "Study"
    return json.dumps({"ChangeType": change, "ResourceType": kind, "ID": resource, **more}).encode()


def signed(
    orthanc: Orthanc, body: bytes, *, delivery: str = "delivery-1", secret: str = SECRET, at: float | None = None
) -> dict[str, str]:
    """The headers of a call."""
    timestamp = int(time.time() if at is None else at)
    return {
        "X-Fovea-Source": orthanc.source,
        "X-Fovea-Timestamp": str(timestamp),
        "X-Fovea-Delivery": delivery,
        "X-Fovea-Signature": f"sha256={sign(secret, timestamp, delivery, body)}",
    }


def call(client: Client, body: bytes, headers: dict[str, str], address: str = WEBHOOK) -> Any:
    return client.post(address, body, content_type="application/json", headers=headers)


def tell(client: Client, orthanc: Orthanc, body: bytes | None = None, *, delivery: str = "delivery-1") -> Any:
    """A call as it should be."""
    told = notice() if body is None else body
    return call(client, told, signed(orthanc, told, delivery=delivery))
