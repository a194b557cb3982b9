"""A new database's tables are made at once, and are what Django makes one by one."""

import pytest
from django.apps import apps
from django.core.management import get_commands
from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import RunSQL
from django.db.migrations.state import ProjectState

from apps.core.first_tables import Executor, Tables, at_once


def test_all_models_are_what_they_are_one_by_one() -> None:
    loader = MigrationLoader(None)
    keys = loader.graph._generate_plan(loader.graph.leaf_nodes(), at_end=True)
    plan = [loader.graph.nodes[key] for key in keys]
    state = ProjectState()
    for migration in plan:
        state = at_once(migration).mutate_state(state, preserve=False)
    assert sum(isinstance(at_once(each).operations[0], Tables) for each in plan if each.operations) > 10
    assert state.models == loader.project_state().models


def test_what_does_more_than_making_tables_is_left_alone() -> None:
    migration = Migration("0001_initial", "core")
    migration.initial = True
    migration.operations = [RunSQL("SELECT 1")]
    assert at_once(migration) is migration


@pytest.mark.django_db
def test_tables_that_are_there_already_are_recognised(monkeypatch: pytest.MonkeyPatch) -> None:
    applied = list[Migration]()
    monkeypatch.setattr(
        MigrationExecutor, "apply_migration", lambda _, state, migration, *args: applied.append(migration)
    )
    migration = MigrationLoader(None).graph.nodes["accounts", "0001_initial"]
    executor = Executor(connection)
    executor.apply_migration(ProjectState(), migration, fake_initial=True)
    executor.apply_migration(ProjectState(), migration)
    assert applied[0] is migration
    assert isinstance(applied[1].operations[0], Tables)


def test_the_command_is_the_one_that_is_called() -> None:
    assert get_commands()["migrate"] == "apps.core"


@pytest.mark.django_db
def test_the_database_has_every_index_and_constraint() -> None:
    with connection.cursor() as cursor:
        for model in apps.get_models():
            there = set(connection.introspection.get_constraints(cursor, model._meta.db_table))
            wanted = {each.name for each in (*model._meta.indexes, *model._meta.constraints)}
            assert wanted <= there, model._meta.db_table
