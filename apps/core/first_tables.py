"""An app's first tables, made in one step.

After each of a migration's operations Django renders every model anew that has to do with the changed one, which here
is nearly every model there is: half a minute for a new database. An app's first migration only makes what isn't there
yet, so that its models can be rendered once, when all of it is known, and its tables be made as they are in the end.
"""

from collections.abc import Sequence
from typing import Final

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import AddConstraint, AddField, AddIndex, CreateModel, Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

_ADDING: Final = (AddField, AddIndex, AddConstraint)


class Tables(Operation):
    """Make the tables of all models that `operations` create, with every field, index and constraint."""

    reversible = False

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.operations = operations

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        # Without the rendered models nothing is rendered on the way: they are again when they are asked for.
        vars(state).pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        for operation in self.operations:
            if isinstance(operation, CreateModel):
                operation.database_forwards(app_label, schema_editor, from_state, to_state)


def at_once(migration: Migration) -> Migration:
    """The migration in one operation, where it makes tables and nothing else; else as it is."""
    operations = migration.operations
    made = {operation.name_lower for operation in operations if isinstance(operation, CreateModel)}
    if not migration.initial or not all(_makes(operation, made) for operation in operations):
        return migration
    together = Migration(migration.name, migration.app_label)
    vars(together).update(vars(migration), operations=[Tables(operations)])
    return together


def _makes(operation: Operation, made: set[str]) -> bool:
    if isinstance(operation, CreateModel):
        return True
    return isinstance(operation, _ADDING) and operation.model_name_lower in made


class Executor(MigrationExecutor):
    """Applies first migrations at once."""

    def apply_migration(
        self, state: ProjectState, migration: Migration, fake: bool = False, fake_initial: bool = False
    ) -> ProjectState:
        # Whether tables are there already is told by the operations that would make them.
        chosen = migration if fake or fake_initial else at_once(migration)
        applied: ProjectState = super().apply_migration(state, chosen, fake, fake_initial)
        return applied
