"""What has become of a report from one of its revisions to another, for people."""

from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from apps.reports.content.comparing import Difference, Part, What, differences
from apps.reports.content.entries import Content
from apps.reports.models import Report, Revision
from apps.reports.templates_finding import structure_of_version

_ELEMENTS = {What.DELETED: "del", What.INSERTED: "ins"}


def between(report: Report, before: Revision, after: Revision) -> tuple[Difference, ...]:
    """The fields whose answers are others, in the template's order."""
    structure = structure_of_version(report.version)
    return differences(structure, Content.from_json(before.content), Content.from_json(after.content))


def as_json(difference: Difference) -> dict[str, Any]:
    """A field's difference as the REST API tells it."""
    field = difference.field
    return {
        "key": difference.key,
        "label": field.label if field else difference.key,
        "kind": field.kind.value if field else "",
        "parts": [{"what": part.what.value, "text": part.text} for part in difference.parts],
    }


def as_html(difference: Difference) -> SafeString:
    """The same as HTML: what went in `del`, what came in `ins`, everything escaped."""
    return format_html_join("", "{}", ((_part(part),) for part in difference.parts))


def _part(part: Part) -> SafeString:
    element = _ELEMENTS.get(part.what)
    return format_html("<{0}>{1}</{0}>", element, part.text) if element else format_html("{}", part.text)
