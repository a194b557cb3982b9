"""What Schemathesis sends in the headers that depend on what was sent before: it would always be refused for them."""

from typing import Any
from uuid import uuid4

import schemathesis


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
