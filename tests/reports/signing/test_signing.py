"""Signing: by whom, with what proof, of what; once, and never changed again."""

from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.db import transaction
from django.db.models import ProtectedError
from django.test import RequestFactory
from django.utils import timezone

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive.lifecycle import delete_study
from apps.archive.models import Instance
from apps.audit.models import Event
from apps.core.errors import Conflict, Invalid, NotFound, Refused, TooManyAttempts
from apps.jobs.models import Job
from apps.reports import proving, signing, states
from apps.reports.content.document import Document
from apps.reports.content.entries import Entry
from apps.reports.models import Report, Revision, Signatory, Signature, Status
from tests.conftest import PASSWORD
from tests.reports.signing.conftest import CONTENT, Sign
from tests.rights import give

pytestmark = pytest.mark.django_db


def test_the_document_is_frozen_with_who_stands_for_it(report: Report, user: User, sign: Sign) -> None:
    user.first_name, user.last_name = "Nora", "Weber"
    user.save()
    Signatory.objects.create(user=user, credentials="MD, radiologist", registration="GMC 7")
    row = sign()
    document = Document.from_json(Signature.objects.get().document)
    assert document.status == "final"
    assert document.digest() == row.digest
    said = document.signed
    assert said is not None
    assert (said.name, said.credentials, said.number) == ("Weber^Nora", "MD, radiologist, GMC 7", 1)
    assert (said.digest, said.verification) == (row.digest, row.verification)
    assert said.at.startswith(f"{timezone.localtime(row.signed_at):%Y-%m-%dT%H:%M:%S}")
    assert [each.text for each in document.statements()][-1] == "Nothing new in Doe's chest."
    assert len(row.verification) == 43


def test_the_report_is_final_with_its_history_and_on_record(report: Report, user: User, sign: Sign) -> None:
    row = sign()
    report.refresh_from_db()
    assert (report.status, report.revision, report.signed_at) == (Status.FINAL, 2, row.signed_at)
    assert list(Revision.objects.values_list("number", "status")) == [(2, "final"), (1, "draft")]
    (event,) = Event.objects.filter(detail__contains="signed")
    assert (event.actor, event.source) == ("nora", "test")
    assert row.digest in event.detail
    (job,) = Job.objects.filter(kind="report-outputs")
    assert (job.parameters, job.practice) == ({"signature": row.pk}, report.study.practice)


def test_an_amendment_is_signed_again_with_its_reason(report: Report, user: User, sign: Sign) -> None:
    first = sign()
    states.amend(Principal.of(user), report.pk, "Left was right")
    second = sign()
    report.refresh_from_db()
    assert (report.status, second.number, second.reason) == (Status.AMENDED, 2, "Left was right")
    assert Document.from_json(second.document).status == "amended"
    # The same series, other objects.
    # The viewer shows the first structured report of a series alone.
    assert first.pdf_series_uid != second.pdf_series_uid
    assert first.sr_series_uid != second.sr_series_uid
    uids = {first.pdf_instance_uid, first.sr_instance_uid, second.pdf_instance_uid, second.sr_instance_uid}
    assert len(uids) == 4
    assert report.signed_at == first.signed_at


def test_of_two_who_sign_one_wins(report: Report, sign: Sign, colleague: User) -> None:
    sign()
    with pytest.raises(Conflict, match="signed already"):
        sign(colleague)
    assert Signature.objects.count() == 1


def test_what_has_changed_since_it_was_read_is_not_signed(report: Report, sign: Sign) -> None:
    with pytest.raises(Conflict, match="Read it again"):
        sign(revision=report.revision - 1)
    assert not Signature.objects.exists()


@pytest.mark.parametrize(
    ("entries", "key", "words"),
    [
        ({"impression": Entry(" ")}, "impression", "no answer yet"),
        ({"why": Entry("Cough", is_confirmed=False)}, "why", "nobody has confirmed"),
        ({"size": Entry("500")}, "size", "from 1 to 99"),
    ],
)
def test_what_is_not_ready_is_refused_by_its_field(
    report: Report, sign: Sign, entries: dict[str, Entry], key: str, words: str
) -> None:
    Report.objects.update(content=CONTENT.with_entries(entries).as_json())
    with pytest.raises(Invalid) as refused:
        sign()
    ((field, said),) = refused.value.errors
    assert field == key
    assert words in said
    report.refresh_from_db()
    assert (report.status, report.revision) == (Status.DRAFT, 1)
    assert not Job.objects.filter(kind="report-outputs").exists()


def test_only_who_may_sign_signs(practice: Practice, report: Report, sign: Sign, stranger: User) -> None:
    with pytest.raises(NotFound):
        sign(stranger)
    writer = User.objects.create_user("willa", password=PASSWORD)
    give(writer, practice, Permission.VIEW, Permission.REPORT)
    with pytest.raises(Refused):
        sign(writer)
    reader = User.objects.create_user("vera", password=PASSWORD)
    give(reader, practice, Permission.VIEW)
    # A draft is its writers' alone.
    with pytest.raises(NotFound):
        sign(reader)


def request() -> Any:
    made: Any = RequestFactory().post("/", REMOTE_ADDR="192.0.2.7")
    made.session = {}
    return made


def test_another_password_signs_nothing_and_is_counted(report: Report, user: User) -> None:
    who = Principal.of(user, via="session")
    with pytest.raises(Invalid) as refused:
        signing.sign(who, user, report.pk, 1, "wrong", "test", request())
    assert refused.value.errors[0][0] == "password"
    assert AccessAttempt.objects.get().failures_since_start == 1
    AccessAttempt.objects.update(failures_since_start=10)
    with pytest.raises(TooManyAttempts):
        signing.sign(who, user, report.pk, 1, "wrong again", "test", request())
    assert not Signature.objects.exists()


def test_nobody_signs_in_anothers_name(report: Report, user: User, colleague: User) -> None:
    with pytest.raises(Refused):
        proving.prove(Principal.of(user), colleague, PASSWORD, None)


@pytest.mark.parametrize(
    ("via", "minutes", "is_let"), [("session", 1, True), ("session", 999, False), ("token abc", 1, False)]
)
def test_who_has_no_password_here_has_signed_in_just_now(user: User, via: str, minutes: int, is_let: bool) -> None:
    user.set_unusable_password()
    user.save()
    asked = request()
    at = timezone.now() - timedelta(minutes=minutes)
    asked.session = {"fovea_signed_in_at": at.timestamp(), "account_authentication_methods": [{"at": at.timestamp()}]}
    try:
        proving.prove(Principal.of(user, via=via), user, "", asked)
    except Refused:
        assert not is_let
    else:
        assert is_let


class TestEveryDoor:
    """What was signed stays: by whichever way somebody tries."""

    def test_rows_are_neither_changed_nor_removed(self, sign: Sign) -> None:
        row = sign()
        row.document["title"] = "Another"
        doors: list[Any] = [
            row.save,
            lambda: row.save(update_fields=["document"]),
            row.delete,
            lambda: Signature.objects.update(digest="0" * 64),
            lambda: Signature.objects.filter(pk=row.pk).update(document={}, stored_at=timezone.now()),
            lambda: Signature.objects.all().delete(),
            lambda: Signature.objects.bulk_update([row], ["document"]),
        ]
        for door in doors:
            with pytest.raises(Conflict), transaction.atomic():
                door()
        assert Signature.objects.get().document["title"] == "CT of the chest"

    def test_its_report_and_study_stay_with_it(self, report: Report, user: User, sign: Sign) -> None:
        sign()
        with pytest.raises(ProtectedError):
            report.delete()
        with pytest.raises(Conflict, match="keeps its study"), transaction.atomic():
            delete_study(Principal.of(user), report.study.study_instance_uid)
        assert Instance.objects.filter(series__study=report.study).exists()

    def test_its_report_is_not_written_in(self, report: Report, user: User, sign: Sign) -> None:
        sign()
        with pytest.raises(Conflict):
            states.discard(Principal.of(user), report.pk)
        report.refresh_from_db()
        report.content = {}
        with pytest.raises(Conflict):
            report.save()

    def test_a_user_who_leaves_leaves_their_name(self, user: User, sign: Sign) -> None:
        row = sign()
        Report.objects.update(author=None, changed_by=None)
        User.objects.filter(pk=user.pk).delete()
        row.refresh_from_db()
        assert (row.signed_by, row.name) == (None, "nora")


def test_what_becomes_of_it_is_written_later(sign: Sign) -> None:
    row = sign()
    Signature.objects.update(stored_at=timezone.now(), pdf_digest="0" * 64)
    row.distributed_at = timezone.now()
    row.save(update_fields=["distributed_at"])
    row.refresh_from_db()
    assert row.stored_at is not None
