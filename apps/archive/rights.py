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
from apps.saying import say

Sql = tuple[str, list[Any]]

NO_SUCH: Final = say("There is no such study, series or instance.")
_DENIALS: Final = {
    Permission.DOWNLOAD: say("You may look at this study, but not take its files away."),
    Permission.DELETE: say("You may look at this study, but not delete it."),
    Permission.EDIT: say("You may look at this study, but not change it."),
    Permission.MERGE: say("You may look at this study, but not move it."),
    Permission.SHARE: say("You may look at this study, but not share it."),
}
_DENIED: Final = say("You may look at this study, but not do this with it.")
_GRANTED: Final = (
    " AND g.user_id = %s AND g.scope = %s AND g.practice_id = {u}.practice_id AND g.valid_from <= %s"
    " AND (g.valid_until IS NULL OR g.valid_until > %s)"
)
_ASSIGNED: Final = " AND a.user_id = %s AND a.until IS NULL"
# How the one study {u} is reached. SQLite takes the tables of a CROSS JOIN in this order, which begins at the study.
# Studies of a patient, and those of the one whom the patient has been merged into, are found by indexes of their own.
_TO_ONE: Final = {
    Scope.PATIENTS: (
        "archive_assignment a WHERE a.patient_id = {u}.patient_id",
        "archive_patient p CROSS JOIN archive_assignment a WHERE p.root_id = {u}.patient_id AND a.patient_id = p.id",
    ),
    Scope.LABEL: (
        "archive_studylabel l CROSS JOIN accounts_grant g WHERE l.study_id = {u}.id AND g.subject_key = l.name",
    ),
    Scope.PHYSICIAN: (
        "accounts_grant g WHERE g.subject_key = {u}.referring_physician_key AND NOT (g.subject_key = '')",
    ),
    Scope.STUDY: ("accounts_grant g WHERE g.subject_key = {u}.study_instance_uid",),
    Scope.PATIENT: (
        "archive_patient p CROSS JOIN accounts_grant g WHERE p.id = {u}.patient_id AND g.subject_key = p.identity",
        "archive_patient p CROSS JOIN accounts_grant g WHERE p.root_id = {u}.patient_id AND g.subject_key = p.identity",
    ),
}
# How all studies u are reached, beginning at what the user has been given.
_TO_ALL: Final = {
    Scope.PATIENTS: (
        "archive_assignment a CROSS JOIN archive_study u WHERE u.patient_id = a.patient_id",
        (
            "archive_assignment a CROSS JOIN archive_patient p CROSS JOIN archive_study u"
            " WHERE p.id = a.patient_id AND u.patient_id = p.root_id"
        ),
    ),
    Scope.LABEL: (
        (
            "accounts_grant g JOIN archive_studylabel l ON l.name = g.subject_key"
            " JOIN archive_study u ON u.id = l.study_id WHERE 1 = 1"
        ),
    ),
    # The index on the key says that it is made of those that are not empty.
    Scope.PHYSICIAN: (
        (
            "accounts_grant g JOIN archive_study u ON u.practice_id = g.practice_id"
            " AND u.referring_physician_key = g.subject_key WHERE NOT (u.referring_physician_key = '')"
        ),
    ),
    Scope.STUDY: (
        (
            "accounts_grant g JOIN archive_study u ON u.practice_id = g.practice_id"
            " AND u.study_instance_uid = g.subject_key WHERE 1 = 1"
        ),
    ),
    Scope.PATIENT: (
        (
            "accounts_grant g JOIN archive_patient p ON p.practice_id = g.practice_id AND p.identity = g.subject_key"
            " JOIN archive_study u ON u.patient_id = COALESCE(p.root_id, p.id) WHERE 1 = 1"
        ),
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
        condition = " OR ".join(sql for sql, _ in narrow)
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
    """What is reached of less than a whole practice: conditions on the study under this alias, each in brackets.

    Without an alias, queries of the ids of all such studies.
    """
    if shared := principal.shared:
        if principal.may(permission):
            alias = study or "u"
            sql = f"{alias}.practice_id = %s AND {alias}.study_instance_uid = %s"
            known = f"({sql})" if study else f"SELECT u.id FROM archive_study u WHERE {sql}"  # noqa: S608
            yield known, [principal.practice_id, shared.study_instance_uid]
        return
    narrow = principal.narrow_by_scope(permission)
    now = connection.ops.adapt_datetimefield_value(timezone.now()) if narrow else None
    for each in narrow:
        granted = [] if each.scope in _WITHOUT_GRANT else [each.scope.value, now, now]
        parts, named = _parts(each, study)
        for sql in parts:
            yield sql, [principal.user_id, *granted, *named]


# The grant says by itself that these reach what they do; of others it names what, and is looked up again.
_WITHOUT_GRANT: Final = frozenset({Scope.UPLOADS, Scope.PATIENTS})


@lru_cache(maxsize=4096)
def _parts(narrow: Narrow, study: str) -> tuple[tuple[str, ...], tuple[Any, ...]]:
    """Those of a scope, and their last parameters: written once, and asked for each of five hundred frames."""
    alias = study or "u"
    within, numbers = among(f"{alias}.practice_id", narrow.practices)
    if narrow.scope == Scope.UPLOADS:
        own = f"{alias}.stored_by_id = %s AND {within}"
        return (f"({own})" if study else f"SELECT u.id FROM archive_study u WHERE {own}",), tuple(numbers)  # noqa: S608
    of_roles, keys = among("g.role_id", narrow.roles)
    mine, keys = (_ASSIGNED, []) if narrow.scope in _WITHOUT_GRANT else (f"{_GRANTED} AND {of_roles}", keys)
    if study:
        ways = [f"(EXISTS (SELECT 1 FROM {way}{mine}) AND {within})" for way in _TO_ONE[narrow.scope]]  # noqa: S608
    else:
        ways = [f"SELECT u.id FROM {way}{mine} AND {within}" for way in _TO_ALL[narrow.scope]]  # noqa: S608
    return tuple(way.format(u=alias) for way in ways), (*keys, *numbers)
