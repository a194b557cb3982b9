"""A structured report as plain text (PS3.18 8.7.4, text/plain)."""

from collections.abc import Iterator

from apps.dicom.attributes import Attributes
from apps.dicom.sr_head import head_lines
from apps.dicom.sr_tree import CONTAINER, Item, Reference, content_tree


def report_text(attributes: Attributes) -> str:
    """Return a report as lines of text, indented by two spaces a level."""
    root = content_tree(attributes)
    title = root.name.said or "Structured report"
    head = [f"{label}: {said}" for label, said in head_lines(attributes)]
    return "\n".join([title, "=" * len(title), *head, "", *_lines(root.items, 0), ""])


def _lines(items: tuple[Item, ...], depth: int) -> Iterator[str]:
    indent = "  " * depth
    for item in items:
        said = " ".join(filter(None, (item.value, item.units.value, *map(_reference, item.references))))
        name = item.name.said or ("Section" if item.value_type == CONTAINER else "")
        line = ": ".join(filter(None, (name, said)))
        yield indent + line.replace("\n", f"\n{indent}  ")
        yield from _lines(item.items, depth + 1)


def _reference(reference: Reference) -> str:
    frames = f" frame {', '.join(map(str, reference.frames))}" if reference.frames else ""
    return f"[{reference.sop_instance_uid}{frames}]"
