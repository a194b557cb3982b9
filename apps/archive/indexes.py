"""Indexes that a search goes through without reading the rows that it passes."""

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement


class CoveringIndex(models.Index):
    """An index that on SQLite holds more columns, at its end, than those that it orders by.

    SQLite tests a search's conditions on an index's columns before it reads the row. PostgreSQL reads the row all the
    same, and limits an entry to 2,704 bytes, which long texts could exceed.
    """

    def __init__(self, *expressions: Any, covering: Sequence[str] = (), **options: Any) -> None:
        super().__init__(*expressions, **options)
        self.covering = list(covering)

    def deconstruct(self) -> Any:
        path, expressions, options = super().deconstruct()
        return path, expressions, options | {"covering": self.covering}

    def create_sql(
        self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor, using: str = "", **options: Any
    ) -> Statement:
        if schema_editor.connection.vendor != "sqlite" or not self.covering:
            return super().create_sql(model, schema_editor, using, **options)
        whole = models.Index(fields=[*self.fields, *self.covering], name=self.name)
        return whole.create_sql(model, schema_editor, using, **options)
