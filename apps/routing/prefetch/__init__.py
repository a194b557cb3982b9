"""Priors of the patients who are expected, fetched from other archives before anybody asks for them."""


def connect() -> None:
    """Listen to the worklist and to the clock."""
    from apps.jobs import events as jobs
    from apps.routing.prefetch import receivers
    from apps.worklist import events

    events.step_changed.connect(receivers.on_step_changed, dispatch_uid="apps.routing.prefetch.step")
    events.checked_in.connect(receivers.on_checked_in, dispatch_uid="apps.routing.prefetch.check_in")
    jobs.minute_passed.connect(receivers.on_minute, dispatch_uid="apps.routing.prefetch.clock")
