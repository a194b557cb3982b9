"""From a practice's document to its PDF, previews and slides; by stand-ins for what takes seconds."""

import json
import os
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.analysis.apart.refusing import Unanswerable
from apps.core.errors import FoveaError, NotAcceptable, TooLarge, Unavailable
from apps.jobs.handle import JobHandle
from apps.jobs.models import Job, State
from apps.jobs.registry import find
from apps.reports import checks, keeping, paper, pictures, presenting, previewing, sealing, waiting
from apps.reports.content.document import Document
from apps.reports.documents import document_of
from apps.reports.models import Letterhead, Report, Status, TemplateVersion
from apps.reports.pictures import Picture
from apps.reports.printing import pdf, slides
from tests.conftest import client_of
from tests.reports.drafts import made
from tests.reports.printing import documents
from tests.reports.printing.test_letterheads import logo
from tests.rights import give

Asked = list[dict[str, Any]]


@pytest.fixture(autouse=True)
def done_here(no_heartbeat: None) -> None:
    """Nothing here waits for a worker."""


@pytest.fixture
def key_image(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = Picture("key-image-1", b"JPEG", 640, 480, "Slice of Jane", "Slice of Jane: 12 mm")
    monkeypatch.setattr(pictures, "pictures_of", lambda document: [shown])


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, key_image: None) -> Asked:
    """What the process is asked; its answer is what it found in its folder."""
    heard: Asked = []

    def answer(function: str, said: Mapping[str, Any], listen: Callable[[int, int], None], **_: Any) -> dict[str, Any]:
        folder = Path(said["folder"])
        files = {each.name: each.read_bytes() for each in folder.iterdir()}
        heard.append({**said, "function": function, "files": files})
        listen(1, 2)
        (folder / pdf.MADE).write_bytes(b"%PDF")
        (folder / slides.MADE).write_bytes(b"PK")
        return {"pages": 1, "refused": 0}

    monkeypatch.setattr(paper, "answer", answer)
    monkeypatch.setattr(presenting, "answer", answer)
    return heard


@pytest.fixture
def report(practice: Practice, user: User) -> Report:
    version: TemplateVersion = made.template(practice)
    study = made.study(practice)
    return Report.objects.create(study=study, version=version, author=user, changed_at=study.received_at)


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs are done where they are asked for."""

    def enqueue(kind: str, parameters: dict[str, Any], **_: Any) -> Job:
        find(kind).function(JobHandle(0, 1), **parameters)
        return Job(kind=kind)

    monkeypatch.setattr(previewing, "enqueue", enqueue)


def heard(done: int, total: int) -> None:
    """Listens, and lets it go on."""


def test_all_is_laid_ready_and_gone_afterwards(practice: Practice, asked: Asked, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://pacs.example"
    Letterhead.objects.create(practice=practice, name="Lindenhof", logo=logo())
    document = documents.document("fr")
    assert paper.pdf_of(document, practice, heard) == b"%PDF"
    (said,) = asked
    assert said["files"]["key-image-1.jpg"] == b"JPEG"
    assert said["files"]["logo"] == logo()
    assert Document.from_json(json.loads(said["files"][pdf.DOCUMENT])) == document
    page = said["files"][pdf.PAGE].decode()
    assert 'src="fovea:key-image-1" alt="Slice of Jane: 12 mm"' in page
    assert said["code"].startswith("https://pacs.example/reports/verify/3f6a9c2e7b10")
    assert said["made"] == "2026-11-02T14:05:09.123456+01:00"
    assert not Path(said["folder"]).exists()


def test_drafts_get_a_word_across_and_no_code(practice: Practice, asked: Asked) -> None:
    paper.pdf_of(documents.document(status="draft"), practice, heard)
    assert b"DRAFT" in asked[0]["files"]["watermark.svg"]
    assert asked[0]["code"] == ""
    paper.pdf_of(documents.document(), practice, heard)
    assert "watermark.svg" not in asked[1]["files"]


@pytest.mark.parametrize(
    ("reason", "values", "error", "said"),
    [
        ("fonts", {"name": "NotoSans_400Regular.ttf", "count": 1}, Unavailable, "NotoSans_400Regular.ttf"),
        ("pages", {"pages": 700, "most": 500}, TooLarge, "700 pages"),
        ("size", {}, TooLarge, "too long"),
    ],
)
def test_what_can_not_be_printed_is_told(
    practice: Practice, key_image: None, monkeypatch: pytest.MonkeyPatch, reason: str, values: dict[str, Any],
    error: type[FoveaError], said: str,
) -> None:  # fmt: skip
    def answer(*_: Any, **__: Any) -> dict[str, Any]:
        raise Unanswerable(reason, **values)

    monkeypatch.setattr(paper, "answer", answer)
    with pytest.raises(error, match=said):
        paper.pdf_of(documents.document(), practice, heard)


def test_check_names_a_missing_font(settings: Settings, tmp_path: Path) -> None:
    assert checks.fonts() == []
    settings.FONTS = tmp_path
    (told,) = checks.fonts()
    assert "deploy/setup run" in str(told.msg)


def test_preview_is_made_once(report: Report, asked: Asked, at_once: None) -> None:
    assert previewing.preview(report) == previewing.preview(report) == b"%PDF"
    assert len(asked) == 1
    report.content = {"entries": {"why": {"value": "Cough"}}}
    report.save()
    previewing.preview(report)
    assert len(asked) == 2
    assert "Cough" in asked[1]["files"][pdf.PAGE].decode()


def test_report_that_is_gone_makes_nothing(db: None) -> None:
    assert previewing.make(JobHandle(0, 1), 404, "x.pdf") == {"size": 0}
    assert presenting.make(JobHandle(0, 1), 404, 0, "x.pptx", is_anonymous=False) == {"size": 0}


def test_failure_is_told_to_who_waits(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    job = Job.objects.create(kind=previewing.PREVIEW, state=State.FAILED, error="The work broke off.")
    monkeypatch.setattr(previewing, "enqueue", lambda *_, **__: job)
    with pytest.raises(NotAcceptable, match="broke off"):
        previewing.preview(report)


def test_nobody_waits_for_ever(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "WAIT_SECONDS", 0.0)
    with pytest.raises(Unavailable, match="moment"):
        previewing.preview(report)
    assert Job.objects.get(kind=previewing.PREVIEW).parameters["report"] == report.pk


def test_only_some_wait(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "_callers", waiting.BoundedSemaphore(1))
    assert waiting._callers.acquire(blocking=False)
    with pytest.raises(Unavailable):
        previewing.preview(report)


def test_cache_keeps_the_newest_within_its_bound(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    monkeypatch.setattr(keeping, "MOST_BYTES", 25)
    for name, written in (("old", 1_000), ("older-than-fits", None), ("newer", None), ("newest", None)):
        keeping.keep(name, b"0123456789")
        if written:
            os.utime(keeping.folder() / name, (written, written))
    now = (keeping.folder() / "newest").stat().st_mtime
    os.utime(keeping.folder() / "older-than-fits", (now - 60, now - 60))
    os.utime(keeping.folder() / "newer", (now - 30, now - 30))
    keeping.on_minute()
    assert sorted(each.name for each in keeping.folder().iterdir()) == ["newer", "newest"]
    assert keeping.kept("old") is None


def slides_at(client: Client, report: Report, **said: Any) -> Any:
    return client.get(f"/api/reports/{report.pk}/pptx", said)


def test_slides_are_for_who_may_read(
    client: Client, practice: Practice, report: Report, asked: Asked, at_once: None
) -> None:
    answer = slides_at(client, report)
    assert (answer.status_code, answer.content) == (200, b"PK")
    assert answer["Content-Disposition"] == f'attachment; filename="report-{report.pk}.pptx"'
    viewer = User.objects.create_user("vera", practice=practice)
    give(viewer, practice, Permission.VIEW)
    assert slides_at(client_of(viewer), report).status_code == 404
    Report.objects.filter(pk=report.pk).update(status=Status.PRELIMINARY)
    assert slides_at(client_of(viewer), report).status_code == 200


def test_others_get_no_slides(report: Report, stranger_client: Client, anonymous: Client, asked: Asked) -> None:
    assert slides_at(stranger_client, report).status_code == 404
    assert slides_at(anonymous, report).status_code == 401
    assert asked == []


def test_anonymous_slides_name_nobody(client: Client, report: Report, asked: Asked, at_once: None) -> None:
    slides_at(client, report, anonymous="true")
    said = asked[0]["files"][slides.DECK].decode()
    assert "Jane" not in said
    assert "Doe" not in said
    assert "Slice of" in said
    assert "Jane" in (slides_at(client, report), asked[1]["files"][slides.DECK].decode())[1]


@pytest.mark.one_database
def test_real_report_becomes_a_real_pdf_and_stays_one_when_it_is_sealed(report: Report, practice: Practice) -> None:
    data = paper.pdf_of(document_of(report), practice, heard)
    with pikepdf.open(BytesIO(data)) as opened:
        assert opened.Root.MarkInfo.Marked
        assert list(opened.attachments) == [pdf.DOCUMENT]
    sealed = sealing.seal(data, practice)
    assert sealed.startswith(data)
    with pikepdf.open(BytesIO(sealed)) as opened:
        assert opened.check_pdf_syntax() == []
        metadata = opened.Root.Metadata.read_bytes()
        assert b"<pdfuaid:part>1<" in metadata
        assert b'pdfaid:part="3"' in metadata
        assert len(opened.Root.AF) == 1
        kids = opened.Root.StructTreeRoot.ParentTree.Nums
        assert len(kids) == 2 * len({int(each) for each in kids[::2]})
