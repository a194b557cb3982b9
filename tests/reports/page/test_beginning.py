"""The page on which a report is begun: the best template first, others to choose, and what there is already."""

import re
from dataclasses import replace

from django.test import Client
from django.urls import reverse

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.archive.models import Study
from apps.reports.models import Report, ReportTemplate
from tests.conftest import client_of
from tests.reports.drafts import made
from tests.rights import give


def address(study: Study) -> str:
    return f"{reverse('report-new')}?study={study.study_instance_uid}"


def page(client: Client, study: Study) -> str:
    answer = client.get(address(study))
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_best_template_is_chosen_already(client: Client, practice: Practice, study: Study) -> None:
    made.template(practice, replace(made.STRUCTURE, identifier="other", title="MR of the knee", modalities=("MR",)))
    shown = page(client, study)
    assert "MR of the knee" in shown
    chosen = re.search(r"<option value=\"\d+\" selected>([^<]+)<", shown)
    assert chosen
    assert chosen[1] == made.STRUCTURE.title


def test_a_report_is_begun_and_shown(client: Client, study: Study) -> None:
    template = ReportTemplate.objects.get(identifier=made.STRUCTURE.identifier)
    answer = client.post(address(study), {"template": template.pk})
    report = Report.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, reverse("report", args=[report.pk]))
    assert report.version.template == template
    assert reverse("report", args=[report.pk]) in page(client, study)


def test_without_a_choice_it_is_the_best(client: Client, study: Study) -> None:
    client.post(address(study))
    assert Report.objects.get().version.template.title == made.STRUCTURE.title


def test_looking_begins_nothing(client: Client, study: Study) -> None:
    page(client, study)
    assert not Report.objects.exists()


def test_where_there_is_no_template_that_is_said(client: Client, study: Study) -> None:
    ReportTemplate.objects.update(is_retired=True)
    answer = client.get(address(study))
    assert answer.status_code == 409
    assert "There is no report template" in answer.content.decode()


def test_the_study_may_be_named_by_its_number(client: Client, study: Study) -> None:
    assert client.get(f"{reverse('report-new')}?study={study.pk}").status_code == 200


def test_no_study_is_not_there(client: Client, study: Study) -> None:
    for named in ("", "1.2.3", "0", "9" * 30):
        assert client.get(f"{reverse('report-new')}?study={named}").status_code == 404


def test_another_practices_user_is_told_that_it_is_not_there(stranger_client: Client, study: Study) -> None:
    assert stranger_client.get(address(study)).status_code == 404
    assert stranger_client.post(address(study)).status_code == 404
    assert not Report.objects.exists()


def test_who_may_not_write_reports_begins_none(practice: Practice, study: Study) -> None:
    user = User.objects.create_user("vera", practice=practice)
    give(user, practice, Permission.VIEW)
    assert client_of(user).post(address(study)).status_code == 403
    assert not Report.objects.exists()


def test_nobody_is_led_to_the_sign_in(anonymous: Client, study: Study) -> None:
    assert anonymous.get(address(study)).status_code == 302
