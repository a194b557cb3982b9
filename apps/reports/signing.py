"""Signing a report: who stands for what it says, from now on and for ever.

What is signed is the document, frozen in the signature's row; its digest is what a signature means. The PDF, the
structured report and all else are made from it afterwards, by a job (`outputs`).
"""

import secrets
from dataclasses import replace
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.names import person_name
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.analysis.uids import uid
from apps.core.errors import Conflict, Invalid
from apps.jobs.queue import enqueue
from apps.reports import documents, proving, revisions
from apps.reports.content.checking import unready
from apps.reports.content.document import Document, Signed
from apps.reports.content.entries import Content
from apps.reports.models import Report, Signature, Status
from apps.reports.reaching import report_of
from apps.reports.recording import told
from apps.reports.signatories import credentials_of
from apps.reports.templates_finding import structure_of_version
from apps.saying import say

OUTPUTS: Final = "report-outputs"
# Of the secret part of a verification's address.
SECRET_BYTES: Final = 32
CHANGED: Final = say("This report has changed since you looked at it. Read it again, then sign it.")


def sign(
    who: Principal, user: User, report_pk: int, revision: int | None, password: str, source: str,
    request: HttpRequest | None = None,
) -> Signature:  # fmt: skip
    """Sign the report as `revision` has it, or as it is: final the first time, amended each later time.

    `password` is the user's, to prove who they are (`proving.prove`). Of two who sign at once one wins. Raises
    NotFound, Refused without the permission, what proving raises, Invalid with what is missing or unconfirmed by its
    field, and Conflict for a report that is signed already or has changed since it was looked at.
    """
    report_of(who, report_pk, Permission.SIGN)
    proving.prove(who, user, password, request)
    with transaction.atomic():
        report = _claimed(who, report_pk, revision)
        _check_ready(report)
        signature = _frozen(who, report, user)
        signature.save(force_insert=True)
        ask_for_outputs(signature, who)
        # The record last: others who write in it wait for this transaction.
        told(who, report, f"signed ({report.status}), signature {signature.number}, {signature.digest}", source=source)
    return signature


def ask_for_outputs(signature: Signature, who: Principal | None = None) -> None:
    """Have a job make and store what leaves of a signed report; one is queued at a time."""
    practice = signature.report.study.practice_id
    enqueue(OUTPUTS, {"signature": signature.pk}, principal=who, practice=practice, key=str(signature.pk))


def _claimed(who: Principal, report_pk: int, revision: int | None) -> Report:
    """The report, signed by this transaction and no other. Raises Conflict."""
    report = Report.objects.with_study().select_for_update(of=("self",)).get(pk=report_pk)
    if not report.is_open:
        raise Conflict(say("This report has been signed already. Amend it to change what it says."))
    if revision not in (None, report.revision):
        raise Conflict(CHANGED)
    now = timezone.now().replace(microsecond=0)
    report.status = Status.AMENDED if report.status == Status.AMENDING else Status.FINAL
    unchanged = Report.objects.filter(pk=report.pk, revision=report.revision)
    if not unchanged.update(
        status=report.status, revision=F("revision") + 1, changed_at=now, changed_by=who.user_id,
        signed_at=Coalesce("signed_at", now),
    ):  # fmt: skip
        raise Conflict(CHANGED)
    report.revision, report.changed_at, report.changed_by_id = report.revision + 1, now, who.user_id
    revisions.keep(report)
    return report


def _check_ready(report: Report) -> None:
    """Raises Invalid with each field that is missing, unconfirmed or out of its range."""
    problems = unready(structure_of_version(report.version), Content.from_json(report.content))
    if problems:
        raise Invalid(say("This report can't be signed yet: look at the fields that are named."), errors=problems)


def _frozen(who: Principal, report: Report, user: User) -> Signature:
    """The signature of what the report says at this moment."""
    document = documents.document_of(report, status=str(report.status), who=who)
    last = report.signatures.order_by("-number").first()
    number = last.number + 1 if last else 1
    signed = _signed(document, user, report.changed_at, number, report.reason if last else "")
    return Signature(
        report=report, number=number, document=replace(document, signed=signed).as_json(), digest=signed.digest,
        signed_by=user, name=signed.name, credentials=signed.credentials, reason=signed.reason,
        signed_at=report.changed_at, verification=signed.verification, **_uids(signed),
    )  # fmt: skip


def _signed(document: Document, user: User, at: datetime, number: int, reason: str) -> Signed:
    return Signed(
        name=person_name(user),
        credentials=credentials_of(user),
        at=timezone.localtime(at).isoformat(timespec="seconds"),
        digest=document.digest(),
        number=number,
        reason=reason,
        verification=secrets.token_urlsafe(SECRET_BYTES),
    )


def _uids(signed: Signed) -> dict[str, str]:
    """Of the objects that will be stored, each in a series of its own: of a series with several structured reports the
    viewer (OHIF 3.13) shows the first alone, which an amendment has superseded."""
    seed = f"{signed.digest}/{signed.number}"
    return {
        "pdf_series_uid": uid(seed, "series of PDFs"),
        "pdf_instance_uid": uid(seed, "PDF"),
        "sr_series_uid": uid(seed, "series of structured reports"),
        "sr_instance_uid": uid(seed, "structured report"),
    }
