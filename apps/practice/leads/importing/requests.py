"""A table that somebody wants taken: at once where it is short, else by a job that shows how far it is."""

from dataclasses import dataclass
from typing import Any, Final

from apps.accounts.principal import Principal
from apps.core.errors import Invalid
from apps.jobs.models import Job
from apps.jobs.queue import enqueue
from apps.practice.leads.bulk import Change
from apps.practice.leads.importing import columns, staging
from apps.practice.leads.importing.bringing import Plan, Report, Table, bring
from apps.practice.leads.importing.cells import DateOrder
from apps.practice.leads.writing import decide
from apps.saying import say

KIND: Final = "leads-import"
# Rows that a request takes itself: some seconds.
AT_ONCE: Final = 1000
MOST_TOLD: Final = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of it: the report, or the job that goes on with it."""

    report: Report | None = None
    job: Job | None = None


def ask(who: Principal, practice_id: int, data: bytes, plan: Plan | None, *, source: str) -> Asked:
    """Take the table. Raises what `bring` raises, OutOfSpace and Unavailable."""
    decide(who, practice_id)
    table = Table.read(data)
    plan = plan or Plan.guessed(table)
    columns.check(plan.targets, table.headers)
    if len(table.rows) <= AT_ONCE:
        return Asked(report=bring(who, practice_id, table, plan, source=source))
    name = staging.keep(data, who.user_id)
    parameters: dict[str, Any] = {
        "practice": practice_id, "table": name, "owner": who.user_id, "asked_by": who.username, "source": source,
        "targets": list(plan.targets), "order": plan.order.value,
    }  # fmt: skip
    return Asked(job=enqueue(KIND, parameters, principal=who, practice=practice_id))


def plan_of(targets: str, order: str, table: Table) -> Plan:
    """How a caller says that a table is read: targets with commas between, and `dmy` or `mdy`; guessed where not said.

    Raises Invalid.
    """
    guessed = Plan.guessed(table, [target.strip() for target in targets.split(",")] if targets else ())
    if order and order not in [each.value for each in DateOrder]:
        raise Invalid(
            say("Say how days are written."), [("dateOrder", say("Write one of: {names}.", names=", ".join(DateOrder)))]
        )
    return Plan(guessed.targets, DateOrder(order) if order else guessed.order)


def told(report: Report) -> dict[str, Any]:
    """A report without anything of the people: counts, and of the first hundred wrong rows where and why."""
    wrong = [line for line in report.lines if line.taken.change is Change.WRONG][:MOST_TOLD]
    return {
        **report.counts,
        "wrongRows": [
            {"line": line.number, "field": field, "detail": detail}
            for line in wrong
            for field, detail in line.taken.errors[:1]
        ],
    }
