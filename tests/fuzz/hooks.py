"""What Schemathesis has to be told: headers that depend on what came before, and a type of body it doesn't know."""

from typing import Any
from uuid import uuid4

import schemathesis

from apps.uploads.resumable.protocol import MEDIA_TYPE

schemathesis.serializer.alias(MEDIA_TYPE, "application/octet-stream")


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """A key that is new, and the tag of whatever is there."""
    headers = case.headers or {}
    if "Idempotency-Key" in headers:
        headers["Idempotency-Key"] = str(uuid4())
    if "If-Match" in headers:
        headers["If-Match"] = "*"
    if case.method.upper() == "PUT":
        headers.pop("If-Match", None)
