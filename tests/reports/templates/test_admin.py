"""Report templates in the admin: written, taken in from files, copied, and closed to others."""

import re
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.reports.models import ReportTemplate
from apps.reports.mrrt.reading import structure_of
from tests.conftest import client_of, user_of
from tests.reports.templates.sources import source
from tests.rights import give

pytestmark = pytest.mark.django_db
ADDRESS = "/admin/reports/reporttemplate/"


@pytest.fixture
def admin(user: User) -> Client:
    return staff(user)


@pytest.fixture
def other_admin(stranger: User) -> Client:
    return staff(stranger)


def staff(user: User) -> Client:
    user.is_staff = True
    user.save()
    return client_of(user)


def add(client: Client, practice: Practice, text: str = "", **more: Any) -> Any:
    return client.post(f"{ADDRESS}add/", {"practice": practice.pk, "source": text, **more})


def written(page: Any) -> str:
    """The source in the page's editor."""
    found = re.search(r'<textarea[^>]*name="source"[^>]*>\n(.*?)</textarea>', page.content.decode(), re.DOTALL)
    assert found
    return unescape(found[1])


def test_one_is_written_and_changed(admin: Client, practice: Practice) -> None:
    answer = add(admin, practice, source().replace("\n", "\r\n"))
    assert answer.status_code == 302
    template = ReportTemplate.objects.get(practice=practice)
    page = admin.get(f"{ADDRESS}{template.pk}/change/")
    assert written(page) == source()
    answer = admin.post(f"{ADDRESS}{template.pk}/change/", {"source": source(title="Chest"), "is_retired": "on"})
    assert answer.status_code == 302
    template.refresh_from_db()
    assert (template.title, template.is_retired, template.versions.count()) == ("Chest", True, 2)


def test_a_file_is_taken_as_it_is(admin: Client, practice: Practice) -> None:
    content = source().replace("\n", "\r\n").encode()
    answer = add(admin, practice, file=SimpleUploadedFile("ours.html", content, "text/html"))
    assert answer.status_code == 302
    assert ReportTemplate.objects.get(practice=practice).versions.get().source.encode() == content


def test_what_is_wrong_is_said_on_the_page(admin: Client, practice: Practice) -> None:
    page = add(admin, practice, source(language="tlh"))
    assert page.status_code == 200
    assert "dcterms.language" in page.content.decode()
    assert not ReportTemplate.objects.filter(practice=practice).exists()


def test_the_identifier_stays(admin: Client, practice: Practice) -> None:
    add(admin, practice, source())
    template = ReportTemplate.objects.get(practice=practice)
    page = admin.post(f"{ADDRESS}{template.pk}/change/", {"source": source(identifier="another")})
    assert page.status_code == 200
    assert ReportTemplate.objects.filter(practice=practice).count() == 1


def test_the_products_are_shown_and_copied(admin: Client, practice: Practice) -> None:
    shipped = ReportTemplate.objects.get(identifier="fovea.mr.fr")
    page = admin.get(f"{ADDRESS}{shipped.pk}/change/").content.decode()
    assert "sandbox" in page
    assert 'name="source"' not in page
    assert admin.post(f"{ADDRESS}{shipped.pk}/change/", {"source": source()}).status_code == 403
    copied = structure_of(written(admin.get(f"{ADDRESS}add/?copy={shipped.pk}")))
    assert copied.title == shipped.title
    assert copied.identifier != shipped.identifier
    assert structure_of(written(admin.get(f"{ADDRESS}add/"))).title == "CT"


def test_lists_have_the_products_and_the_practices_own(admin: Client, practice: Practice, other_admin: Client) -> None:
    add(admin, practice, source())
    template = ReportTemplate.objects.get(practice=practice)
    assert "our.chest" in admin.get(f"{ADDRESS}?q=chest").content.decode()
    assert "our.chest" not in other_admin.get(f"{ADDRESS}?q=chest").content.decode()
    assert "fovea.ct.es" in other_admin.get(f"{ADDRESS}?q=fovea.ct").content.decode()
    assert other_admin.get(f"{ADDRESS}{template.pk}/change/").status_code == 404


def test_who_only_writes_reports_has_no_page(practice: Practice, other_practice: Practice, anonymous: Client) -> None:
    user = user_of(other_practice, "rita")
    user.grants.all().delete()
    give(user, practice, Permission.REPORT)
    assert staff(user).get(ADDRESS).status_code == 403
    assert anonymous.get(ADDRESS).status_code == 302
