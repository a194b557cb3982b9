"""Deleting from the admin: through the service, on record, files and all."""

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Practice, User
from apps.archive.models import Instance, Series, Study
from apps.archive.storage import site_objects
from apps.audit.models import Event
from apps.core.errors import Unavailable
from tests import dicoms
from tests.admin.conftest import store

# The service has transactions of its own, and removes files after them.
pytestmark = pytest.mark.django_db(transaction=True)


def confirm(client: Client, row: Study | Series | Instance) -> None:
    page = reverse(f"admin:archive_{row._meta.model_name}_delete", args=[row.pk])
    assert client.get(page).status_code == 200
    assert client.post(page, {"post": "yes"}).status_code == 302


def test_a_study_goes_with_its_files_and_is_on_record(boss: Client, study: Study) -> None:
    key = Instance.objects.earliest("pk").file_key
    confirm(boss, study)
    assert not Study.objects.exists()
    with pytest.raises(Unavailable):
        site_objects().read(key, 0, 1)
    event = Event.objects.filter(action=Event.Action.DELETE).get()
    assert (event.actor, event.source, event.count) == ("nora", "admin", 2)


def test_a_series_goes_alone(boss: Client, practice: Practice, study: Study) -> None:
    other = dicoms.ct_slice(SeriesInstanceUID=dicoms.uid(3), SOPInstanceUID=dicoms.uid(4))
    store(practice, other)
    confirm(boss, Series.objects.get(series_instance_uid=dicoms.SERIES_UID))
    assert Study.objects.get().instance_count == 1


def test_an_instance_goes_alone(boss: Client, study: Study) -> None:
    confirm(boss, Instance.objects.earliest("pk"))
    assert Study.objects.get().instance_count == 1


def test_chosen_studies_go_together(boss: Client, study: Study) -> None:
    chosen = {"action": "delete_selected", "_selected_action": [study.pk], "post": "yes"}
    boss.post(reverse("admin:archive_study_changelist"), chosen)
    assert not Study.objects.exists()
    assert Event.objects.filter(action=Event.Action.DELETE).count() == 1


def test_the_confirmation_tells_how_much_goes(boss: Client, study: Study) -> None:
    page = boss.get(reverse("admin:archive_study_delete", args=[study.pk])).content.decode()
    assert "Instances: 2" in page


def test_the_study_of_the_page_goes_and_not_its_double_in_the_active_practice(
    boss: Client, user: User, study: Study, other_practice: Practice
) -> None:
    store(other_practice, *dicoms.ct_series(1))
    confirm(boss, Study.objects.get(practice=other_practice))
    assert Study.objects.get().practice_id == user.practice_id
