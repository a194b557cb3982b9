"""The job of a long table. Its parameters name the table's file, never what is in it."""

from typing import Any

from apps.accounts.principal import Principal
from apps.jobs.handle import JobHandle
from apps.jobs.registry import job
from apps.practice.leads.importing import staging
from apps.practice.leads.importing.bringing import Plan, Table, bring
from apps.practice.leads.importing.cells import DateOrder
from apps.practice.leads.importing.requests import KIND, told


@job(KIND)
def take(  # noqa: PLR0913 - a job's parameters are its arguments
    handle: JobHandle, *, practice: int, table: str, owner: int, asked_by: str, source: str, targets: list[str],
    order: str,
) -> dict[str, Any]:  # fmt: skip
    """Take a table's people; what a former attempt has taken is found to be the same."""
    who = Principal.worker(practice, on_behalf_of=asked_by)
    plan = Plan(tuple(targets), DateOrder(order))

    def say(done: int, total: int) -> None:
        handle.progress(done, total, "leads")

    report = bring(who, practice, Table.read(staging.read(table, owner)), plan, source=source, progress=say)
    staging.discard(table)
    return told(report)
