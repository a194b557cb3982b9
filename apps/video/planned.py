"""A plan as JSON, as it is kept with a video and shown. Pure: the process of the conversion writes it."""

from typing import Any

from apps.video.conversion.plan import Plan


def described(plan: Plan) -> dict[str, Any]:
    """What is to be done, and why no less: `rate` is pictures a second, as a fraction."""
    return {
        "path": plan.path.value,
        "transferSyntaxUid": plan.transfer_syntax_uid,
        "columns": plan.columns,
        "rows": plan.rows,
        "rate": f"{plan.rate.numerator}/{plan.rate.denominator}",
        "isExact": plan.path.is_exact,
        "sound": plan.sound.value,
        "container": plan.container,
        "steps": list(plan.steps),
        "reasons": [str(reason) for reason in plan.reasons],
    }
