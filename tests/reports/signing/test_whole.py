"""The real thing: printed, sealed and stored, then read by others."""

from io import BytesIO

import pikepdf
import pytest

from apps.accounts.models import Practice, User
from apps.archive.models import Instance, Series
from apps.jobs.handle import JobHandle
from apps.remotes.models import Remote
from apps.reports import outputs, storing
from apps.reports.models import Report, SigningCertificate
from apps.routing.expanding import expand
from apps.routing.models import Delivery, When
from tests.reports.signing import papers
from tests.reports.signing.conftest import Sign
from tests.routing.conftest import elsewhere, nothing_remembered, title
from tests.routing.sending import rule_to

__all__ = ["elsewhere", "nothing_remembered", "title"]

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def test_a_signed_report_is_a_sealed_pdf_and_objects_of_its_study(
    report: Report, practice: Practice, user: User, sign: Sign
) -> None:
    row = sign()
    outputs.make(JobHandle(0, 1), row.pk)
    pdf = outputs.stored_pdf(row)
    assert pdf is not None
    certificate = SigningCertificate.objects.get(practice=practice)
    assert papers.seal_of(pdf, certificate.chain).bottom_line
    opened = pikepdf.open(BytesIO(pdf))
    assert opened.check_pdf_syntax() == []
    metadata = opened.Root.Metadata.read_bytes().decode()
    assert "pdfaid" in metadata
    assert "pdfuaid" in metadata
    assert opened.pages[0].obj.Tabs == "/S"
    stored = set(Instance.objects.filter(series__study=report.study).values_list("sop_instance_uid", flat=True))
    assert {row.pdf_instance_uid, row.sr_instance_uid} <= stored
    modalities = Series.objects.filter(study=report.study).values_list("modality", flat=True)
    assert {"SR", "DOC"} <= set(modalities)


def test_rules_send_it_on_by_themselves(report: Report, elsewhere: Remote, sign: Sign) -> None:
    """By modality (SR, DOC) or by SOP class, like anything else that is stored: not the images beside it."""
    rule_to(elsewhere, modalities="SR, DOC", when=When.AT_ONCE)
    row = sign()
    storing.store_outputs(row, papers.pdf(), JobHandle(0, 1))
    expand()
    going = set(Delivery.objects.values_list("sop_instance_uid", flat=True))
    assert going == {row.pdf_instance_uid, row.sr_instance_uid}
