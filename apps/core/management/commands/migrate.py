"""Django's own command, which makes the tables of a new database in seconds."""

from django.core.management.commands import migrate

from apps.core.first_tables import Executor

# The command looks for its executor here, and asks nobody for another.
migrate.MigrationExecutor = Executor  # type: ignore[attr-defined]


class Command(migrate.Command):
    """`manage.py migrate`, and what makes the tests' databases."""
