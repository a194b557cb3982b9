"""Templates as rows: shipped with the product, taken in by a practice, found for a study."""

import pytest
from django.conf import settings
from django.utils import timezone
from django.utils.translation import override

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission, Scope
from apps.accounts.principal import Principal
from apps.archive.models import Patient, Study
from apps.audit.models import Event
from apps.core.errors import Conflict, Invalid, NotFound, Refused
from apps.reports import templates_finding, templates_shipping, templates_taking
from apps.reports.models import ReportTemplate, TemplateVersion
from apps.reports.mrrt.reading import structure_of
from tests.reports.templates.sources import source
from tests.rights import give

pytestmark = pytest.mark.django_db
TEN = 10


def study_of(practice: Practice, modalities: str = "\\CT\\", description: str = "") -> Study:
    patient = Patient.objects.create(practice=practice)
    return Study.objects.create(
        practice=practice, patient=patient, study_instance_uid="1.2.3", modalities=modalities,
        study_description=description, updated_at=timezone.now(),
    )  # fmt: skip


def writer(practice: Practice) -> Principal:
    return Principal.worker(practice.pk, permissions=frozenset({Permission.REPORT}))


def keeper(practice: Practice) -> Principal:
    return Principal.worker(practice.pk, permissions=frozenset({Permission.ADMINISTER}))


def test_every_database_has_the_shipped_ones_once() -> None:
    assert ReportTemplate.objects.filter(practice=None).count() == TEN * len(settings.LANGUAGES)
    assert templates_shipping.bring() == 0
    assert TemplateVersion.objects.count() == TEN * len(settings.LANGUAGES)


def test_a_shipped_file_that_has_changed_is_another_version() -> None:
    version = TemplateVersion.objects.select_related("template").get(template__identifier="fovea.ct.en")
    TemplateVersion.objects.filter(pk=version.pk).update(digest="0" * 64)
    ReportTemplate.objects.filter(pk=version.template_id).update(title="Old", is_retired=True)
    gone = ReportTemplate.objects.create(identifier="fovea.gone.en", title="Gone", language="en")
    assert templates_shipping.bring() == 1
    template = ReportTemplate.objects.get(pk=version.template_id)
    assert (template.title, template.is_retired, template.versions.count()) == ("CT", False, 2)
    gone.refresh_from_db()
    assert gone.is_retired


def test_a_file_becomes_a_template_and_its_next_version(practice: Practice) -> None:
    first = templates_taking.take_in(keeper(practice), practice, source())
    again = templates_taking.take_in(keeper(practice), practice, source())
    changed = templates_taking.take_in(keeper(practice), practice, source(title="Chest CT"))
    back = templates_taking.take_in(keeper(practice), practice, source())
    assert first == again
    assert first.template == changed.template == back.template
    assert [first.number, changed.number, back.number] == [1, 2, 3]
    assert back.template.title == "CT of the chest"
    assert TemplateVersion.objects.get(pk=first.pk).source == source()
    told = list(Event.objects.filter(detail__startswith="report template our.chest").values_list("detail", flat=True))
    assert len(told) == 3


def test_practices_have_templates_of_their_own(practice: Practice, other_practice: Practice) -> None:
    ours = templates_taking.take_in(keeper(practice), practice, source())
    theirs = templates_taking.take_in(keeper(other_practice), other_practice, source(title="Theirs"))
    assert ours.template != theirs.template
    names = [each.title for each in templates_finding.usable(writer(practice), practice.pk)]
    assert "CT of the chest" in names
    assert "Theirs" not in names


def test_only_who_administers_all_of_a_practice_takes_in(practice: Practice, other_practice: Practice) -> None:
    narrow = Principal.worker(practice.pk, permissions=frozenset({Permission.REPORT}))
    with pytest.raises(NotFound):
        templates_taking.take_in(narrow, practice, source())
    with pytest.raises(NotFound):
        templates_taking.take_in(keeper(other_practice), practice, source())


def test_who_administers_a_part_is_refused(practice: Practice, stranger: User) -> None:
    give(stranger, practice, Permission.ADMINISTER, scope=Scope.UPLOADS)
    with pytest.raises(Refused):
        templates_taking.take_in(Principal.of(stranger), practice, source())


def test_what_is_wrong_is_told_by_its_line(practice: Practice) -> None:
    wrong = source().replace('id="lungs"', 'id="clinical"', 1).replace('data-fovea-fill="', 'data-fovea-fill="nobody.')
    with pytest.raises(Invalid) as caught:
        templates_taking.take_in(keeper(practice), practice, wrong)
    assert [(name, text.startswith("Line ")) for name, text in caught.value.errors] == [("source", True)]
    assert not ReportTemplate.objects.filter(practice=practice).exists()


def test_retired_ones_are_found_no_more(practice: Practice) -> None:
    template = templates_taking.take_in(keeper(practice), practice, source()).template
    templates_taking.retire(keeper(practice), template, is_retired=True)
    assert template not in templates_finding.usable(writer(practice), practice.pk)
    templates_taking.retire(keeper(practice), template, is_retired=False)
    assert template in templates_finding.usable(writer(practice), practice.pk)


def test_the_products_are_nobodys_to_retire(practice: Practice) -> None:
    with pytest.raises(NotFound):
        templates_taking.retire(keeper(practice), ReportTemplate.objects.filter(practice=None)[0], is_retired=True)


@pytest.mark.parametrize(
    ("modalities", "description", "identifier"),
    [
        ("\\CT\\", "", "fovea.ct.en"),
        ("\\CT\\SEG\\", "CARDIAC CT CALCIUM", "fovea.cardiac-ct.en"),
        ("\\CT\\", "Dental CBCT, mandible", "fovea.cbct.en"),
        ("\\DX\\", "", "fovea.radiography.en"),
        ("\\PX\\", "", "fovea.panoramic.en"),
        ("\\MR\\SR\\", "", "fovea.mr.en"),
        ("\\MG\\", "", "fovea.mammography.en"),
        ("\\US\\", "", "fovea.ultrasound.en"),
        ("\\ES\\", "", "fovea.endoscopy.en"),
        ("\\XC\\", "", "fovea.video.en"),
        ("\\OT\\", "", "fovea.radiography.en"),
        ("", "", "fovea.radiography.en"),
    ],
)
def test_each_study_has_one_that_fits(practice: Practice, modalities: str, description: str, identifier: str) -> None:
    study = study_of(practice, modalities, description)
    assert templates_finding.best_for(study, writer(practice)).template.identifier == identifier


def test_the_practices_own_goes_first(practice: Practice) -> None:
    own = templates_taking.take_in(keeper(practice), practice, source())
    assert templates_finding.best_for(study_of(practice), writer(practice)) == own


def test_it_is_in_the_language_of_the_account_and_else_of_the_page(practice: Practice, user: User) -> None:
    study = study_of(practice)
    with override("es"):
        assert templates_finding.best_for(study, writer(practice)).template.identifier == "fovea.ct.es"
        User.objects.filter(pk=user.pk).update(language="fr")
        assert templates_finding.best_for(study, Principal.of(user)).template.identifier == "fovea.ct.fr"


def test_who_writes_reports_of_one_study_has_the_practices_templates(practice: Practice, stranger: User) -> None:
    own = templates_taking.take_in(keeper(practice), practice, source())
    study = study_of(practice)
    give(stranger, practice, Permission.REPORT, scope=Scope.UPLOADS)
    assert templates_finding.best_for(study, Principal.of(stranger)) == own


def test_who_may_not_write_has_none(practice: Practice) -> None:
    looking = Principal.worker(practice.pk, permissions=frozenset({Permission.VIEW}))
    assert templates_finding.usable(looking, practice.pk) == []
    with pytest.raises(Conflict):
        templates_finding.best_for(study_of(practice), looking)


def test_a_structure_is_read_once(practice: Practice) -> None:
    version = templates_taking.take_in(keeper(practice), practice, source(title="Read once"))
    structure = templates_finding.structure_of_version(version)
    assert structure == structure_of(source(title="Read once"))
    assert templates_finding.structure_of_version(version) is structure
