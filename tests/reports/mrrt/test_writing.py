"""Templates are written so that the same is read from them."""

from hypothesis import given, settings

from apps.reports.content.structure import Structure
from apps.reports.mrrt.reading import structure_of
from apps.reports.mrrt.writing import source_of
from tests.reports.mrrt.structures import structures


@settings(max_examples=25, deadline=None)
@given(structures())
def test_what_is_written_is_read_back(structure: Structure) -> None:
    source = source_of(structure)
    assert structure_of(source) == structure
    assert source_of(structure_of(source)) == source
