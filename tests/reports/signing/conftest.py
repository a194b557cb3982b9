"""A report that is ready to be signed, and what its printing and storing stand in for."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from apps.accounts.models import Practice, User
from apps.accounts.principal import Principal
from apps.archive.models import Study
from apps.jobs.handle import JobHandle
from apps.reports import outputs, paper, revisions, sealing, signing, storing
from apps.reports.content.entries import Content, Entry
from apps.reports.models import Report, Signature, TemplateVersion
from tests import dicoms
from tests.conftest import PASSWORD, user_of
from tests.dicomweb.archive import keep
from tests.reports.drafts import made
from tests.reports.signing import papers

CONTENT = Content({"text": Entry("Clear."), "impression": Entry("Nothing new in Doe's chest.")})
Sign = Callable[..., Signature]


@pytest.fixture(autouse=True)
def done_here(no_heartbeat: None) -> None:
    """The tests do their jobs themselves."""


@pytest.fixture
def version(practice: Practice) -> TemplateVersion:
    return made.template(practice)


@pytest.fixture
def study(practice: Practice) -> Study:
    return made.study(practice)


@pytest.fixture
def report(study: Study, version: TemplateVersion, user: User) -> Report:
    row = Report.objects.create(
        study=study, version=version, content=CONTENT.as_json(), author=user, changed_by=user, changed_at=timezone.now()
    )
    revisions.keep(row)
    return row


@pytest.fixture
def sign(report: Report, user: User) -> Sign:
    """Sign the report as it is now, as somebody."""

    def signed(by: User = user, **changed: Any) -> Signature:
        row = Report.objects.get(pk=report.pk)
        said = {"revision": row.revision, "password": PASSWORD, **changed}
        return signing.sign(Principal.of(by), by, row.pk, said["revision"], said["password"], "test")

    return signed


@pytest.fixture
def colleague(practice: Practice) -> User:
    return user_of(practice, "rita")


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """In the place of what prints and stores, which have tests of their own: the steps that were done."""
    steps: list[str] = []

    def pdf_of(document: Any, practice: Practice, listen: Any) -> bytes:
        listen(1, 2)
        steps.append("printed")
        return papers.pdf(document.title)

    def store_outputs(signature: Signature, pdf: bytes, handle: JobHandle) -> None:
        steps.append("stored")
        fields: dict[str, Any] = {
            "SeriesInstanceUID": signature.pdf_series_uid,
            "SOPInstanceUID": signature.pdf_instance_uid,
            "EncapsulatedDocument": pdf + b"\0" * (len(pdf) % 2),
            "EncapsulatedDocumentLength": len(pdf),
        }
        keep(signature.report.study.practice, dicoms.encapsulated_pdf(**fields))

    def seal(pdf: bytes, practice: Practice) -> bytes:
        steps.append("sealed")
        return pdf + b"% sealed\n"

    monkeypatch.setattr(paper, "pdf_of", pdf_of)
    monkeypatch.setattr(storing, "store_outputs", store_outputs)
    monkeypatch.setattr(sealing, "seal", seal)
    return steps


@pytest.fixture
def stored(sign: Sign, printed: list[str]) -> Callable[..., Signature]:
    """Sign, and do the job."""

    def done(by: User | None = None) -> Signature:
        row = sign(by) if by else sign()
        outputs.make(JobHandle(0, 1), row.pk)
        return Signature.objects.get(pk=row.pk)

    return done
