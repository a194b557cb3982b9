"""The parameters of an analysis: checked by its kind, and written in the one way by which the same are known again."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from rest_framework.exceptions import ValidationError

from apps.analysis.kinds import Kind
from apps.core.errors import Invalid
from apps.core.rest import flat
from apps.jobs.queue import PARAMETER_BYTES
from apps.saying import say

WRONG: Final = say("Some of what was sent is not right: see errors.")
NO_SUCH: Final = say("There is no such parameter.")
MOST_ERRORS: Final = 50


@dataclass(frozen=True, slots=True)
class Given:
    """Parameters that are right: `values` as the kind takes them, `told` as the API writes them, with all defaults."""

    values: dict[str, Any]
    told: dict[str, Any]
    fingerprint: str


def read(kind: Kind, given: Mapping[str, Any]) -> Given:
    """Raises Invalid, with what is wrong by parameter, as in `parameters.thickness`."""
    checked = kind.parameters(data=dict(given))
    wrong: list[tuple[str, str]] = [(f"parameters.{name}", NO_SUCH) for name in given if name not in checked.fields]
    try:
        checked.is_valid(raise_exception=True)
    except ValidationError as error:
        wrong += [(f"parameters.{path}".rstrip("."), text) for path, text in flat(error.detail)]
    if wrong:
        raise Invalid(WRONG, wrong[:MOST_ERRORS])
    values = dict(checked.validated_data)
    text = _text(kind.parameters(values).data)
    return Given(values, json.loads(text), hashlib.sha256(f"{kind.name}\n{text}".encode()).hexdigest())


def _text(told: Any) -> str:
    """Canonical JSON. Raises Invalid for too much, and ValueError for a serializer that lets NaN pass."""
    text = json.dumps(told, allow_nan=False, sort_keys=True, separators=(",", ":"))
    if len(text) > PARAMETER_BYTES:
        raise Invalid(WRONG, [("parameters", say("These are too many."))])
    return text
