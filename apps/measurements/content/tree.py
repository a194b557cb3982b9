"""A report's content tree (PS3.3 C.17.3) as it lies in DICOM JSON, with bounds: whatever was sent, this ends."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from apps.dicom.attributes import Attributes, items, text
from apps.dicom.sr_tree import CONTAINER, MAX_DEPTH, MAX_ITEMS, Code, code_of

CONTENT: Final = "0040A730"


@dataclass(frozen=True, slots=True)
class Node:
    """A content item: its value type, its relationship to the one above, its concept, what it says, and those below."""

    value_type: str
    relationship: str
    name: Code
    attributes: Attributes
    nodes: tuple["Node", ...] = ()

    def is_named(self, *concepts: Code) -> bool:
        """Whether it is about one of these, by their codes."""
        return any((self.name.value, self.name.scheme) == (each.value, each.scheme) for each in concepts)

    def named(self, *concepts: Code) -> Iterator["Node"]:
        """The items right below that are about one of these."""
        return (node for node in self.nodes if node.is_named(*concepts))

    def everywhere(self) -> Iterator["Node"]:
        """It and all below, in the order of the document."""
        left = [self]
        while left:
            node = left.pop()
            yield node
            left.extend(reversed(node.nodes))


def tree_of(header: Attributes) -> Node:
    """The root. What lies deeper than 64 levels, or after 20,000 items, is left out."""
    return _Reader().read(header, 0)


class _Reader:
    """Reads items until there are too many of them."""

    def __init__(self) -> None:
        self._left = MAX_ITEMS

    def read(self, item: Attributes, depth: int) -> Node:
        return Node(
            text(item, "0040A040").upper() or CONTAINER,
            text(item, "0040A010").upper(),
            code_of(item, "0040A043"),
            item,
            tuple(self._below(item, depth + 1)),
        )

    def _below(self, item: Attributes, depth: int) -> Iterator[Node]:
        for inner in items(item, CONTENT):
            self._left -= 1
            if self._left < 0 or depth > MAX_DEPTH:
                return
            yield self.read(inner, depth)
