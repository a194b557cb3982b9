"""From here on the database refuses to change what is on record."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from apps.audit import append_only


def install(_apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    append_only.install(schema_editor.connection)


def remove(_apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    append_only.remove(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunPython(install, remove)]
