"""Answers for whom one series of a study is shared with: the study is told of as if it had no other."""

from collections.abc import Sequence
from typing import Final

from django.db import connection

from apps.accounts.principal import Principal
from apps.archive.attributes import pack, unpack
from apps.archive.growing import with_study_counts
from apps.archive.query.answers import Row
from apps.archive.query.keys import Level
from apps.archive.query.statement import Columns
from apps.archive.rights import shared_series_sql, study_sql

_IN_SIGHT: Final = (
    "SELECT s.modality, s.instance_count FROM archive_study t JOIN archive_series s ON s.study_id = t.id WHERE {}{}"
)


def without_others(principal: Principal, columns: Columns, rows: Sequence[Row]) -> list[Row]:
    """The rows, with the study's modalities and counts in them those of the series in sight; one query more."""
    levels = (columns.level, *columns.above)
    if Level.STUDY not in levels or not rows:
        return list(rows)
    place = levels.index(Level.STUDY)
    modality, instances = _in_sight(principal)
    # Of one series there is but one study.
    study = with_study_counts(unpack(rows[0][place]), f"\\{modality}\\", 1, instances)
    return [(*row[:place], pack(study), *row[place + 1 :]) for row in rows]


def _in_sight(principal: Principal) -> tuple[str, int]:
    """The series' modality and how many instances it has."""
    sql, params = study_sql(principal, of_one=False)
    within, more = shared_series_sql(principal)
    with connection.cursor() as cursor:
        cursor.execute(_IN_SIGHT.format(sql, within), [*params, *more])
        row = cursor.fetchone()
    return row or ("", 0)
