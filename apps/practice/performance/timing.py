"""How long steps took: percentiles in the database, which reads the rows and sorts them; none is loaded here."""

from typing import Any, Final

from django.db import connection

from apps.accounts.scoping import among
from apps.practice.performance.figures import Jobs, Times, rate
from apps.practice.performance.span import Span

MATCHED: Final = "from arrival to lead"
# Each measure with its rank; a percentile is the first whose rank reaches that share of their number.
_TIMES: Final = """
    ranked AS (
        SELECT name, seconds, ROW_NUMBER() OVER (PARTITION BY name ORDER BY seconds) AS place,
               COUNT(*) OVER (PARTITION BY name) AS number
        FROM measures WHERE seconds IS NOT NULL
    ), times AS (
        SELECT name, COUNT(*) AS timed, MIN(CASE WHEN place >= 0.5 * number THEN seconds END) AS p50,
               MIN(CASE WHEN place >= 0.95 * number THEN seconds END) AS p95, MAX(seconds) AS longest
        FROM ranked GROUP BY name
    )
"""
_STEPS: Final = """
    WITH came AS (
        SELECT x.received_at, x.matched_at, s.updated_at, m.created_at
        FROM practice_xray x JOIN archive_study s ON s.id = x.study_id LEFT JOIN practice_match m ON m.study_id = s.id
        WHERE {scope} AND x.received_at >= %s AND x.received_at < %s
    ), measures AS (
        SELECT 'from arrival to lead' AS name, {matched} AS seconds FROM came
        UNION ALL SELECT 'arriving', {arriving} FROM came
        UNION ALL SELECT 'waiting to be looked at', {looking} FROM came
        UNION ALL SELECT 'deciding whose it is', {deciding} FROM came
    ), {times}
    SELECT name, timed, p50, p95, longest FROM times ORDER BY name
"""
_JOBS: Final = """
    WITH ended AS (
        SELECT kind, state, CASE WHEN attempts > 1 THEN attempts - 1 ELSE 0 END AS again, {took} AS seconds
        FROM jobs_job
        WHERE {scope} AND finished_at >= %s AND finished_at < %s AND state IN ('done', 'failed', 'cancelled')
    ), measures AS (SELECT kind AS name, seconds FROM ended), {times}
    SELECT kind, SUM(CASE WHEN state = 'done' THEN 1 ELSE 0 END), SUM(CASE WHEN state = 'failed' THEN 1 ELSE 0 END),
           SUM(CASE WHEN state = 'cancelled' THEN 1 ELSE 0 END), SUM(again),
           MAX(timed), MAX(p50), MAX(p95), MAX(longest)
    FROM ended LEFT JOIN times ON times.name = ended.kind GROUP BY kind ORDER BY kind
"""


def steps(span: Span) -> list[Times]:
    """The steps of the X-rays that came in these days, from the first bytes to their lead; one query."""
    moments = {
        "matched": ("received_at", "matched_at"),
        "arriving": ("received_at", "updated_at"),
        "looking": ("received_at", "created_at"),
        "deciding": ("created_at", "matched_at"),
    }
    between = {name: _seconds(*pair) for name, pair in moments.items()}
    return [_times(*row) for row in _rows(_STEPS, "x.practice_id", span, between)]


def jobs(span: Span) -> list[Jobs]:
    """The jobs that ended in these days, by kind; one query."""
    rows = _rows(_JOBS, "practice_id", span, {"took": _seconds("started_at", "finished_at")})
    return [_jobs(*row) for row in rows]


def _rows(query: str, column: str, span: Span, expressions: dict[str, str]) -> list[Any]:
    scope, parameters = ("1 = 1", []) if span.practices is None else among(column, span.practices)
    text = query.format(scope=scope, times=_TIMES, **expressions)
    with connection.cursor() as cursor:
        cursor.execute(text, [*parameters, *map(connection.ops.adapt_datetimefield_value, (span.start, span.end))])
        return list(cursor.fetchall())


def _seconds(start: str, end: str) -> str:
    """The seconds between two columns, none where one is empty; clocks of two machines may differ a little."""
    if connection.vendor == "sqlite":
        apart = f"(julianday({end}) - julianday({start})) * 86400.0"
        return f"CASE WHEN {end} < {start} THEN 0.0 ELSE {apart} END"
    apart = f"CAST(EXTRACT(EPOCH FROM ({end} - {start})) AS double precision)"
    return f"CASE WHEN {end} < {start} THEN 0.0 ELSE {apart} END"


def _times(name: str, count: int | None, p50: float | None, p95: float | None, longest: float | None) -> Times:
    return Times(name, count or 0, *(round(float(each or 0.0), 3) for each in (p50, p95, longest)))


def _jobs(kind: str, done: int, failed: int, cancelled: int, retries: int, *times: Any) -> Jobs:
    return Jobs(
        kind, int(done), int(failed), int(cancelled), int(retries), rate(int(failed), int(done + failed)),
        _times(kind, *times),
    )  # fmt: skip
