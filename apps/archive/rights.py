"""Which studies a principal reaches, as SQL: every query that hands out something of a study has this condition.

Rights on whole practices are a condition on one column. Narrower ones (assigned patients, own uploads, labels,
referring physicians, single studies) are looked up in tables by index, so that they may be many.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from django.db import connection
from django.utils import timezone

from apps.accounts.permissions import Permission, Scope
from apps.accounts.principal import Narrow, Principal
from apps.accounts.scoping import among, practice_sql
from apps.core.errors import NotFound, Refused

Sql = tuple[str, list[Any]]

NO_SUCH: Final = "There is no such study, series or instance."
_DENIALS: Final = {
    Permission.DOWNLOAD: "You may look at this study, but not take its files away.",
    Permission.DELETE: "You may look at this study, but not delete it.",
    Permission.EDIT: "You may look at this study, but not change it.",
    Permission.MERGE: "You may look at this study, but not move it.",
    Permission.SHARE: "You may look at this study, but not share it.",
}
_DENIED: Final = "You may look at this study, but not do this with it."
_GRANTED: Final = (
    " AND g.user_id = %s AND g.scope = %s AND g.practice_id = u.practice_id AND g.valid_from <= %s"
    " AND (g.valid_until IS NULL OR g.valid_until > %s)"
)
# Studies u of a patient, and of the one whom the patient has been merged into: each by indexes of its own. SQLite takes
# the tables of a CROSS JOIN in this order, which begins where there is least: at the study that is asked for, or else
# at the user's assignments.
_ASSIGNED: Final = {
    True: (
        "FROM archive_study u CROSS JOIN archive_assignment a WHERE a.patient_id = u.patient_id",
        (
            "FROM archive_study u CROSS JOIN archive_patient p CROSS JOIN archive_assignment a"
            " WHERE p.root_id = u.patient_id AND a.patient_id = p.id"
        ),
    ),
    False: (
        "FROM archive_assignment a CROSS JOIN archive_study u WHERE u.patient_id = a.patient_id",
        (
            "FROM archive_assignment a CROSS JOIN archive_patient p CROSS JOIN archive_study u"
            " WHERE p.id = a.patient_id AND u.patient_id = p.root_id"
        ),
    ),
}
_MY_ASSIGNMENTS: Final = " AND a.user_id = %s AND a.until IS NULL"
# Studies u that the scope reaches.
_REACHED: Final = {
    Scope.LABEL: (
        "FROM accounts_grant g JOIN archive_studylabel l ON l.name = g.subject_key"
        " JOIN archive_study u ON u.id = l.study_id WHERE 1 = 1"
    ),
    Scope.PHYSICIAN: (
        "FROM accounts_grant g JOIN archive_study u"
        " ON u.practice_id = g.practice_id AND u.referring_physician_key = g.subject_key"
        # As the index says that it is made.
        " WHERE NOT (u.referring_physician_key = '')"
    ),
    Scope.STUDY: (
        "FROM accounts_grant g JOIN archive_study u"
        " ON u.practice_id = g.practice_id AND u.study_instance_uid = g.subject_key WHERE 1 = 1"
    ),
    Scope.PATIENT: (
        "FROM accounts_grant g JOIN archive_patient p ON p.practice_id = g.practice_id AND p.identity = g.subject_key"
        " JOIN archive_study u ON u.patient_id = COALESCE(p.root_id, p.id) WHERE 1 = 1"
    ),
}


def study_sql(
    principal: Principal,
    permission: Permission = Permission.VIEW,
    *,
    study: str = "t",
    sign: str = "",
    of_one: bool = True,
) -> Sql:
    """The condition on a study under its alias, and its parameters.

    `of_one` says that the query has found its few studies by UID: narrow rights are then looked up for each of them,
    else gathered first. A `sign` of + keeps SQLite from leading by the practice.
    """
    wide, params = practice_sql(principal, permission, f"{sign}{study}.practice_id")
    narrow = list(_narrow(principal, permission, study if of_one else ""))
    if not narrow:
        return wide, params
    wanted = [value for _, values in narrow for value in values]
    if of_one:
        # The first that is true ends it.
        condition = " OR ".join(f"EXISTS ({sql})" for sql, _ in narrow)
    else:
        condition = f"{study}.id IN ({' UNION ALL '.join(sql for sql, _ in narrow)})"
    return (f"({wide} OR {condition})", [*params, *wanted]) if params else (f"({condition})", wanted)


def series_sql(principal: Principal, permission: Permission = Permission.VIEW) -> Sql:
    """The condition on a series `s` of a study `t`, both found by UID."""
    sql, params = study_sql(principal, permission)
    within, more = shared_series_sql(principal)
    return f"{sql}{within}", [*params, *more]


def shared_series_sql(principal: Principal) -> Sql:
    """What follows an AND-ed condition where only one series of the study is shared with the principal."""
    if principal.shared is None or not principal.shared.series_instance_uid:
        return "", []
    return " AND s.series_instance_uid = %s", [principal.shared.series_instance_uid]


def practices_sql(principal: Principal, permission: Permission, column: str) -> Sql:
    """The practices of which the principal reaches anything at all: more than it may see, to lead by an index."""
    whole = principal.whole(permission)
    if whole is None:
        return "1 = 1", []
    return among(column, whole | {reach.practice_id for reach in principal.narrow(permission) if reach.practice_id})


def denied(principal: Principal, permission: Permission, study_uid: str) -> NotFound | Refused:
    """The error where nothing was found with the permission: only who sees the study learns that there is one."""
    is_seen = permission != Permission.VIEW and _reaches(principal, Permission.VIEW, study_uid)
    if is_seen and not _reaches(principal, permission, study_uid):
        return Refused(_DENIALS.get(permission, _DENIED))
    return NotFound(NO_SUCH)


def _reaches(principal: Principal, permission: Permission, study_uid: str) -> bool:
    sql, params = study_sql(principal, permission)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM archive_study t WHERE t.study_instance_uid = %s AND {sql}", [study_uid, *params])  # noqa: S608
        return cursor.fetchone() is not None


def _narrow(principal: Principal, permission: Permission, study: str) -> Iterator[Sql]:
    """Queries of the ids of studies that are reached by less than their whole practice.

    Of the one study under this alias, or of all of them where there is no alias.
    """
    if shared := principal.shared:
        if principal.may(permission):
            sql = "SELECT u.id FROM archive_study u WHERE u.practice_id = %s AND u.study_instance_uid = %s"
            yield f"{sql}{_of(study)}", [principal.practice_id, shared.study_instance_uid]
        return
    narrow = principal.narrow_by_scope(permission)
    now = connection.ops.adapt_datetimefield_value(timezone.now()) if narrow else None
    for each in narrow:
        granted = [each.scope.value, now, now] if each.scope in _REACHED else []
        queries, named = _queries(each, study)
        for sql in queries:
            yield sql, [principal.user_id, *granted, *named]


@lru_cache(maxsize=4096)
def _queries(narrow: Narrow, study: str) -> tuple[tuple[str, ...], tuple[Any, ...]]:
    """The queries of a scope, and their last parameters: written once, and asked for each of five hundred frames."""
    scope = narrow.scope
    within, numbers = among("u.practice_id", narrow.practices)
    last = f" AND {within}{_of(study)}"
    if scope == Scope.UPLOADS:
        return (f"SELECT u.id FROM archive_study u WHERE u.stored_by_id = %s{last}",), tuple(numbers)  # noqa: S608
    if scope == Scope.PATIENTS:
        assigned = _ASSIGNED[bool(study)]
        return tuple(f"SELECT u.id {each}{_MY_ASSIGNMENTS}{last}" for each in assigned), tuple(numbers)
    of_roles, keys = among("g.role_id", narrow.roles)
    return (f"SELECT u.id {_REACHED[scope]}{_GRANTED} AND {of_roles}{last}",), (*keys, *numbers)


def _of(study: str) -> str:
    return f" AND u.id = {study}.id" if study else ""
