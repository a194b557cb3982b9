"""PDFs: what can be read out of them in every language, and what they never take in."""

import json
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from pdfminer.high_level import extract_text

from apps.analysis.apart.refusing import Unanswerable
from apps.dicom.sr_tree import NO_CODE
from apps.reports.content.document import Passage, Statement
from apps.reports.printing import pdf
from apps.reports.printing.legible import legible
from tests.reports.printing import documents, papers
from tests.reports.printing.conftest import Print

pytestmark = pytest.mark.one_database


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """In this process, which keeps its own fonts afterwards."""
    monkeypatch.setenv("FONTCONFIG_FILE", "")


def made_here(asked: dict[str, Any]) -> dict[str, Any]:
    return pdf.pdf(asked, lambda done, total: None)


def squeezed(said: str) -> str:
    """Without the spaces and ends of lines that the page puts between."""
    return "".join(said.split())


@pytest.mark.parametrize("language", ["en", "fr", "es", "zh-hans"])
def test_text_can_be_taken_out_whole(printed: Print, language: str) -> None:
    said = squeezed(extract_text(printed(language).path))
    title, sections = documents.TEXTS[language]
    for expected in (title, *(part for section in sections for part in section)):
        for line in expected.splitlines():
            assert squeezed(line) in said
    assert printed(language).refused == 0


def test_name_stands_on_each_page_and_pages_are_counted(printed: Print) -> None:
    made = printed("zh-hans")
    with pypdfium2.PdfDocument(made.path) as opened:
        pages = [opened[at].get_textpage().get_text_range() for at in range(len(opened))]
    assert len(pages) == made.pages == 2
    assert all("王 小东" in page and "PID-4711" in page for page in pages)
    assert [f"Page {at} of 2" in page for at, page in enumerate(pages, 1)] == [True, True]


def test_draft_is_marked_on_every_page(printed: Print) -> None:
    with pypdfium2.PdfDocument(printed("draft").path) as opened:
        for at in range(len(opened)):
            assert "DRAFT · Page" in opened[at].get_textpage().get_text_range()
            red = [
                colour for _, colour in opened[at].render(scale=0.2).to_pil().getcolors(1 << 20) if _is_faint(colour)
            ]
            assert red


def _is_faint(colour: tuple[int, ...]) -> bool:
    red, green, blue = colour[:3]
    return red > 230 and 215 < green < 240 and 215 < blue < 240 and red - green > 5


def test_same_document_gives_the_same_bytes(printed: Print, fonts: Path, tmp_path: Path, here: None) -> None:
    made_here(papers.laid_ready(papers.document_of("en"), tmp_path, fonts, papers.IMAGES))
    assert (tmp_path / pdf.MADE).read_bytes() == printed("en").path.read_bytes()


def test_nothing_is_fetched(fonts: Path, tmp_path: Path, here: None, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = tmp_path / "secret.svg"
    secret.write_text('<svg xmlns="http://www.w3.org/2000/svg"><text>STOLEN</text></svg>')
    asked = papers.laid_ready(documents.document(), tmp_path, fonts)
    page = tmp_path / pdf.PAGE
    strangers = (
        f'<img src="file://{secret}" alt="a"><img src="http://127.0.0.1:9/x.png" alt="b"><img src="secret.svg" alt="c">'
        f'<img src="fovea:../secret.svg" alt="d"><img src="data:image/svg+xml,%3Csvg/%3E" alt="e">'
        f'<link rel="stylesheet" href="https://example.com/x.css"><link rel="attachment" href="file://{secret}">'
        f'<style>@import "file://{secret}"; @font-face {{ font-family: x; src: url(file://{secret}) }}</style>'
    )
    page.write_text(page.read_text().replace("<h1>", f"{strangers}<h1>"))

    def connected(*_: Any) -> None:
        raise AssertionError("It connects.")

    monkeypatch.setattr(socket.socket, "connect", connected)
    assert made_here(asked)["refused"] >= 8
    assert "STOLEN" not in extract_text(tmp_path / pdf.MADE)


def test_scripts_and_markup_are_printed(fonts: Path, tmp_path: Path, here: None) -> None:
    evil = "<script>alert(1)</script> <img src=http://127.0.0.1:9/>"
    person = replace(documents.document().patient, name=f"\u202e{evil}^اسم")
    made = replace(documents.document(), patient=person, passages=(Passage("F", NO_CODE, (Statement("", evil),)),))
    assert made_here(papers.laid_ready(made, tmp_path, fonts))["refused"] == 0
    assert squeezed(evil) in squeezed(extract_text(tmp_path / pdf.MADE))


def test_too_many_pages_are_refused(fonts: Path, tmp_path: Path, here: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "MOST_PAGES", 1)
    with pytest.raises(Unanswerable) as told:
        made_here(papers.laid_ready(documents.document(), tmp_path, fonts, papers.IMAGES))
    assert (told.value.reason, told.value.values) == ("pages", {"pages": 2, "most": 1})


def test_too_long_a_page_is_refused_unread(fonts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "MOST_CHARACTERS", 100)
    with pytest.raises(Unanswerable, match="size"):
        made_here(papers.laid_ready(documents.document(), tmp_path, fonts))


def test_missing_font_is_told_by_its_name(tmp_path: Path) -> None:
    asked = papers.laid_ready(documents.document(), tmp_path, tmp_path / "no-fonts")
    with pytest.raises(Unanswerable) as told:
        made_here(asked)
    assert told.value.reason == "fonts"
    assert told.value.values["name"] == "LICENSE-NotoSans.txt"


def test_characters_without_a_font_are_spelled_out(fonts: Path) -> None:
    assert legible("Doe 王 ñ 김 ع א न ไ Ж Ω ≥ µ", fonts) == "Doe 王 ñ 김 ع א न ไ Ж Ω ≥ µ"
    assert legible("a\U0001f600b\ufe0fc", fonts) == "a[U+1F600]bc"


def test_code_holds_the_address() -> None:
    first, second = pdf.code_of(documents.ADDRESS), pdf.code_of(documents.ADDRESS + "1")
    assert first.startswith(b"\x89PNG")
    assert first != second


def test_attached_data_is_what_was_given(printed: Print) -> None:
    with printed("zh-hans").opened() as opened:
        (name,) = opened.attachments
        data = json.loads(opened.attachments[name].get_file().read_bytes())
    assert data["patient"]["name"] == documents.NAMES["zh-hans"]
