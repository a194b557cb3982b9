"""The OpenAPI document's operations: to which area each belongs, and what the door around every view reads and says."""

from typing import Any, Final

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from apps.accounts.guards import Open
from apps.core import sparse
from apps.core.conditional import CHANGING
from config.areas import AREAS

_KEY: Final = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,255}$"},
    OpenApiParameter.HEADER,
    description="A random UUID, say: the same request with it is answered again, and not done again, for 24 hours.",
)
_MATCH: Final = OpenApiParameter(
    "If-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The `ETag` that GET gave: 412 where it has changed meanwhile.",
)
_FIELDS: Final = OpenApiParameter(
    sparse.NAME, OpenApiTypes.STR, OpenApiParameter.QUERY, description="These fields alone, as in `id,name`."
)


class Schema(AutoSchema):
    """The framework's own, with what every address has."""

    def get_tags(self) -> list[str]:
        address = self.path.removeprefix("/api").strip("/")
        fits = [begin for begin in AREAS if f"{address}/".startswith(f"{begin}/" if begin else "")]
        return [AREAS[max(fits, key=len)]]

    def is_deprecated(self) -> bool:
        return bool(super().is_deprecated() or getattr(self.view, "deprecated", None))

    def get_override_parameters(self) -> list[Any]:
        given = list(super().get_override_parameters())
        if self.method == "GET":
            return [*given, _FIELDS]
        if self.method in CHANGING:
            return [*given, _MATCH]
        is_of_nobody = getattr(self.view, "guards", {}).get(self.method) is Open.TO_ANYBODY
        return given if is_of_nobody else [*given, _KEY]
