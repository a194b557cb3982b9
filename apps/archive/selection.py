"""Which stored instances a retrieval asks for (PS3.4 C.4.2.1.4): by patients, studies, series or instances."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive.retrieve import COLUMNS, StoredInstance
from apps.archive.rights import series_sql
from apps.archive.statements import plain
from apps.core.errors import TooLarge
from apps.saying import say

# What is selected is held in memory: less than a kilobyte an instance.
MOST: Final = 100_000
_JOINED: Final = (
    " FROM archive_instance i JOIN archive_series s ON s.id = i.series_id JOIN archive_study t ON t.id = s.study_id"
)
_ORDER: Final = " ORDER BY t.study_date, t.id, s.series_number, s.id, i.instance_number, i.id"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: each of these lists that is not empty must hold what the instance is of."""

    patient_ids: Sequence[str] = ()
    studies: Sequence[str] = ()
    series: Sequence[str] = ()
    instances: Sequence[str] = ()


def select(principal: Principal, wanted: Wanted, permission: Permission, most: int = MOST) -> list[StoredInstance]:
    """The instances that are wanted and that the principal has the permission for, study by study, in their order.

    What is hidden looks like what is absent: it is left out. Raises TooLarge for more than `most`, and ValueError
    where nothing is named at all.
    """
    named = list(_conditions(wanted))
    if not named:
        raise ValueError("A selection names patients, studies, series or instances.")
    allowed, parameters = series_sql(principal, permission)
    where = " AND ".join((*(sql for sql, _ in named), allowed))
    values = [value for _, values in named for value in values]
    with connection.cursor() as cursor:
        query = f"SELECT {COLUMNS}{_JOINED} WHERE {where}{_ORDER} LIMIT %s"
        cursor.execute(query, [*values, *parameters, most + 1])
        found = [StoredInstance(*plain(row)) for row in cursor.fetchall()]
    if len(found) > most:
        raise TooLarge(say("These are more than {most} objects. Ask for less at once.", most=most))
    return found


def _conditions(wanted: Wanted) -> Iterator[tuple[str, Sequence[Any]]]:
    columns = ("t.patient_identifier", "t.study_instance_uid", "s.series_instance_uid", "i.sop_instance_uid")
    keys = (wanted.patient_ids, wanted.studies, wanted.series, wanted.instances)
    for column, values in zip(columns, keys, strict=True):
        if values:
            yield f"{column} IN ({', '.join(['%s'] * len(values))})", values
