"""The admin's pages of signing: certificates, who signs as what, and to whom reports are sent."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Practice, User
from apps.audit.models import Event
from apps.reports.models import Distribution, Signatory, SigningCertificate
from apps.reports.signatories import credentials_of
from tests.conftest import client_of
from tests.reports.signing import papers

pytestmark = pytest.mark.django_db
FILE = papers.brought()


def staff(user: User) -> Client:
    user.is_staff = True
    user.save()
    return client_of(user)


@pytest.fixture
def admin(user: User) -> Client:
    return staff(user)


def page(model: str, name: str, *args: Any) -> str:
    return reverse(f"admin:reports_{model}_{name}", args=args)


def add(admin: Client, model: str, **form: Any) -> Any:
    return admin.post(page(model, "add"), form)


class TestCertificates:
    def test_one_is_brought_with_its_password(
        self, admin: Client, practice: Practice, other_practice: Practice
    ) -> None:
        form = admin.get(page("signingcertificate", "add")).context["adminform"].form
        assert list(form.fields["practice"].queryset) == [practice]
        assert form["practice"].initial == practice.pk
        file = SimpleUploadedFile("north.p12", FILE)
        answer = add(admin, "signingcertificate", practice=practice.pk, file=file, password=papers.PASSWORD)
        row = SigningCertificate.objects.get()
        assert (answer.status_code, row.subject, row.is_self_signed) == (302, "CN=North Radiology", False)
        shown = admin.get(page("signingcertificate", "change", row.pk)).content.decode()
        assert row.fingerprint in shown
        assert row.key not in shown
        assert "CN=North Radiology" in admin.get(page("signingcertificate", "changelist")).content.decode()
        assert admin.get(page("signingcertificate", "file", row.pk)).content.decode() == row.chain

    def test_what_is_wrong_is_said_beside_its_field(self, admin: Client, practice: Practice) -> None:
        file = SimpleUploadedFile("north.p12", FILE)
        answer = add(admin, "signingcertificate", practice=practice.pk, file=file, password="wrong")
        assert "another password" in str(answer.context["adminform"].form.errors["file"])
        assert not SigningCertificate.objects.exists()

    def test_without_a_file_one_is_made_and_switched_off_later(self, admin: Client, practice: Practice) -> None:
        add(admin, "signingcertificate", practice=practice.pk)
        row = SigningCertificate.objects.get()
        assert (row.is_self_signed, row.is_active) == (True, True)
        admin.post(page("signingcertificate", "change", row.pk), {})
        row.refresh_from_db()
        assert not row.is_active
        assert "no longer used" in Event.objects.filter(action="configuration").latest("pk").detail
        assert admin.post(page("signingcertificate", "delete", row.pk), {"post": "yes"}).status_code == 403


def test_credentials_are_said_by_who_manages_the_account(
    admin: Client, user: User, colleague: User, stranger: User
) -> None:
    add(admin, "signatory", user=colleague.pk, credentials="MD", registration="GMC 7")
    assert credentials_of(colleague) == "MD, GMC 7"
    add(admin, "signatory", user=stranger.pk, credentials="MD")
    assert not Signatory.objects.filter(user=stranger).exists()
    row = Signatory.objects.get()
    admin.post(page("signatory", "change", row.pk), {"credentials": "MD, PhD", "registration": ""})
    assert credentials_of(colleague) == "MD, PhD"
    assert "rita signs as: MD, PhD" in Event.objects.filter(action="account").latest("pk").detail
    admin.post(page("signatory", "delete", row.pk), {"post": "yes"})
    assert credentials_of(colleague) == ""


def test_recipients_are_added_changed_and_removed(admin: Client, practice: Practice) -> None:
    form = {"practice": practice.pk, "email": "otto@example.org", "days": 30, "is_active": "on"}
    add(admin, "distribution", **form)
    row = Distribution.objects.get()
    assert (row.email, row.days, row.practice) == ("otto@example.org", 30, practice)
    for days in (0, 91):
        answer = add(admin, "distribution", **form | {"days": days})
        assert "days" in answer.context["adminform"].form.errors
    admin.post(page("distribution", "change", row.pk), {"email": "otto@example.org", "days": 7})
    row.refresh_from_db()
    assert (row.days, row.is_active) == (7, False)
    admin.post(page("distribution", "delete", row.pk), {"post": "yes"})
    assert not Distribution.objects.exists()
    told = Event.objects.filter(detail__startswith="reports to otto@example.org").order_by("pk")
    assert [each.detail.partition("org ")[2] for each in told] == [
        "added, for 30 days", "changed, switched off", "removed, switched off",
    ]  # fmt: skip


@pytest.mark.parametrize("model", ["signingcertificate", "distribution", "signatory"])
def test_other_practices_find_nothing(
    admin: Client, practice: Practice, colleague: User, stranger: User, model: str
) -> None:
    add(admin, "signingcertificate", practice=practice.pk)
    add(admin, "distribution", practice=practice.pk, email="otto@example.org", days=30)
    add(admin, "signatory", user=colleague.pk, credentials="MD")
    row = {"signingcertificate": SigningCertificate, "distribution": Distribution, "signatory": Signatory}[model]
    address = page(model, "change", row.objects.get().pk)  # type: ignore[attr-defined]
    there = staff(stranger)
    assert admin.get(address).status_code == 200
    assert there.get(address).status_code == 404
    assert there.get(page(model, "changelist")).context["cl"].result_count == 0
    if model == "signingcertificate":
        assert there.get(page(model, "file", row.objects.get().pk)).status_code == 404  # type: ignore[attr-defined]
