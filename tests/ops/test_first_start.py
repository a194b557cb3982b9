"""A new site is made ready once, and starting it again changes nothing."""

from io import StringIO

import pytest
from django.core.management import call_command
from pytest_django.fixtures import Settings

from apps.accounts.models import Grant, Practice, User
from apps.ops.first_start import initialise
from apps.remotes.models import ApplicationEntity

pytestmark = pytest.mark.django_db


def test_a_new_site_gets_a_practice_and_a_superuser_in_it() -> None:
    made = initialise("admin", "a good password")
    user = User.objects.get()
    assert made is not None
    assert (made.username, made.password) == ("admin", "")
    assert user.is_superuser
    assert user.check_password("a good password")
    assert Grant.objects.get().practice == user.practice == Practice.objects.get()


def test_a_password_is_made_up_where_none_is_given() -> None:
    made = initialise("admin")
    assert made is not None
    assert len(made.password) >= 12
    assert User.objects.get().check_password(made.password)


def test_a_second_start_changes_nothing() -> None:
    initialise("admin", "a good password")
    assert initialise("other", "another password") is None
    assert User.objects.get().check_password("a good password")
    assert Practice.objects.count() == 1


def test_a_practice_that_exists_is_used(practice: Practice) -> None:
    initialise("admin")
    assert User.objects.get().practice == practice


def test_the_command_prints_a_made_up_password_once() -> None:
    first, second = StringIO(), StringIO()
    call_command("initialise", stdout=first)
    call_command("initialise", stdout=second)
    password = first.getvalue().split("password ")[1].split(" ")[0]
    assert User.objects.get().check_password(password)
    assert second.getvalue() == "The site is ready.\n"


def test_the_first_practice_is_called_by_the_sites_ae_title(settings: Settings) -> None:
    settings.AE_TITLE = "CLINIC"
    initialise("admin")
    initialise("admin")
    assert list(ApplicationEntity.objects.values_list("title", "practice__name")) == [("CLINIC", "My practice")]


def test_a_practice_keeps_the_ae_title_that_it_has(practice: Practice, settings: Settings) -> None:
    ApplicationEntity.objects.create(title="OWN", practice=practice)
    initialise("admin")
    assert ApplicationEntity.objects.get().title == "OWN"
