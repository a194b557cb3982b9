"""What a resource type of FHIR is here: where its rows are, what finds them, and how they are shown and written."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model, Q, QuerySet

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.fhir.datatypes import Json
from apps.fhir.elements import Element

# The rows that have one value of a parameter. Raises Invalid for a value that can't be read.
Find = Callable[[str], Q]
Rows = Callable[[Principal, Permission], QuerySet[Any]]
Show = Callable[[Principal, Sequence[Any]], list[Json]]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A search parameter: its type (http://hl7.org/fhir/search-param-type), and what it finds."""

    kind: str
    find: Find


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Rows of one table that are resources of the type. Their ids are their keys, after `prefix`."""

    model: type[Model]
    rows: Rows
    show: Show
    parameters: Mapping[str, Parameter]
    prefix: str = ""
    # What a search lists for somebody; a read finds the others too.
    listed: Callable[[Principal], Q] = lambda _: Q()
    order: tuple[str, ...] = ("pk",)


@dataclass(frozen=True, slots=True)
class Writer:
    """How a resource is taken: as a new row (in whichever practice it belongs to), or as what a row is to be.

    Both raise Unprocessable, Refused, NotFound and Conflict.
    """

    create: Callable[[Principal, Element], Any]
    change: Callable[[Principal, Any, Element], Any]
    permission: Permission
    # What may be a mistake about a row, and may be meant.
    remarks: Callable[[Any], list[str]] = lambda _: []


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A resource type. `words` names many of them for the record."""

    name: str
    words: str
    sources: tuple[Source, ...]
    # By the parameter that `_include` names: the references that a resource has there.
    includes: Mapping[str, Callable[[Json], list[str]]] = field(default_factory=dict)
    sorts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    # What is never left out (1..*), and what `_summary=true` gives.
    mandatory: frozenset[str] = frozenset()
    summary: frozenset[str] = frozenset()
    writer: Writer | None = None

    @property
    def parameters(self) -> Mapping[str, Parameter]:
        """Those by which it can be searched, by name."""
        return self.sources[0].parameters
