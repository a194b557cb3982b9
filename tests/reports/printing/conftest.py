"""What the tests of paper share: one folder with the fonts, and PDFs that are made once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pikepdf
import pytest

from apps.analysis.apart.asking import answer
from apps.reports.printing import pdf
from apps.reports.printing.fonts.folder import default_folder
from tests.reports.printing import papers

# Of a run of tests: each PDF takes a second.
Print = Callable[[str], "Printed"]


@dataclass(frozen=True, slots=True)
class Printed:
    """A PDF, and what its process said of it."""

    path: Path
    pages: int
    refused: int

    def opened(self) -> pikepdf.Pdf:
        return pikepdf.open(self.path)


@pytest.fixture(scope="package")
def fonts() -> Path:
    return default_folder()


@pytest.fixture(scope="package")
def printed(fonts: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Print]:
    """Prints the document of a language (or `draft`), in a process of its own, as the worker does."""
    made: dict[str, Printed] = {}

    def print_it(which: str) -> Printed:
        if which not in made:
            folder = tmp_path_factory.mktemp(which)
            asked = papers.laid_ready(papers.document_of(which), folder, fonts, papers.IMAGES)
            found = answer("apps.reports.printing.pdf:pdf", asked, lambda done, total: None)
            made[which] = Printed(folder / pdf.MADE, found["pages"], found["refused"])
        return made[which]

    yield print_it
    made.clear()
