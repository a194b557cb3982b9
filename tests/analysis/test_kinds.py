"""The kinds that there are."""

from dataclasses import fields

import pytest

from apps.analysis import kinds
from apps.analysis.kinds import Kind, later


@pytest.mark.parametrize("kind", kinds.every(), ids=lambda kind: kind.name)
def test_what_is_imported_later_is_there(kind: Kind) -> None:
    named = [each for field in fields(kind) if isinstance(each := getattr(kind, field.name), later)]
    assert named
    assert all(callable(each.function) for each in named)


def test_what_is_not_there_is_told() -> None:
    with pytest.raises(ImportError):
        later("apps.nowhere:run")()
    with pytest.raises(AttributeError):
        later("apps.saying:unsaid")()


def test_it_is_called_as_the_function_is() -> None:
    assert later("operator:add")(1, 2) == 3
