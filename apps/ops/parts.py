"""The parts of the server, and how each is started."""

import sys
from typing import Final

from django.conf import settings

from apps.ops.supervisor import Part

# Seconds: how long the web server lets answers finish, and what every part may take beside that to end.
WEB_GRACE: Final = 10
# Seconds: for what is being told of workitems.
EVENTS_GRACE: Final = 10
SLACK: Final = 5.0
# Seconds: for HL7 messages at work.
HL7_GRACE: Final = 10
# Seconds: for a film that is being copied out of the watch folder.
WATCH_GRACE: Final = 10
# Seconds: for recordings to finish what they write.
RECORDER_GRACE: Final = 15
# Bytes of the fields of a request by HTTP/2.
MAX_HEAD: Final = 64 << 10
NAMES: Final = ("web", "worker", "dicom", "events", "router", "courier", "hl7", "watch", "recorder")


def wanted() -> tuple[str, ...]:
    """The parts that this site's settings ask for: HL7 is spoken where an address for it is given, and so on."""
    asked = {
        "hl7": bool(settings.HL7 or settings.HL7_TLS),
        "watch": settings.VIDEO_WATCH is not None,
        "recorder": bool(settings.RECORDING_NETWORKS),
    }
    return tuple(name for name in NAMES if asked.get(name, True))


def part(name: str) -> Part:
    """The part of that name (one of NAMES)."""
    return {
        "web": _web,
        "worker": _worker,
        "dicom": _dicom,
        "events": _events,
        "router": _router,
        "courier": _courier,
        "hl7": _hl7,
        "watch": _watch,
        "recorder": _recorder,
    }[name]()


def _web() -> Part:
    options = {
        "interface": "wsgi",
        "host": settings.HTTP_HOST,
        "port": settings.HTTP_PORT,
        "workers": settings.WEB_WORKERS,
        "blocking-threads": settings.WEB_THREADS,
        # A thread's database connection lives as long as the thread.
        "blocking-threads-idle-timeout": 600,
        "backlog": 2048,
        # HTTP/1 heads end at 400 KiB and at a hundred fields by themselves.
        "http2-max-headers-size": MAX_HEAD,
        "workers-kill-timeout": WEB_GRACE,
        "log-level": "warning",
    }
    named = [argument for name, value in options.items() for argument in (f"--{name}", str(value))]
    flags = ("--no-access-log", "--no-ws", "--respawn-failed-workers", "config.wsgi:application")
    return Part("web", (sys.executable, "-m", "granian", *named, *flags), WEB_GRACE + SLACK)


def _worker() -> Part:
    command = (sys.executable, str(settings.BASE_DIR / "manage.py"), "worker")
    return Part("worker", command, settings.JOB_GRACE + SLACK)


def _dicom() -> Part:
    command = (sys.executable, str(settings.BASE_DIR / "manage.py"), "dicom_server")
    return Part("dicom", command, settings.DIMSE_GRACE + SLACK)


def _events() -> Part:
    command = (sys.executable, str(settings.BASE_DIR / "manage.py"), "ups_events")
    return Part("events", command, EVENTS_GRACE + SLACK)


def _courier() -> Part:
    command = (sys.executable, str(settings.BASE_DIR / "manage.py"), "courier")
    return Part("courier", command, settings.WEBHOOK_GRACE + SLACK)


def _router() -> Part:
    command = (sys.executable, str(settings.BASE_DIR / "manage.py"), "router")
    return Part("router", command, settings.ROUTING_GRACE + SLACK)


def _hl7() -> Part:
    command = (sys.executable, str(settings.BASE_DIR / "manage.py"), "hl7_server")
    return Part("hl7", command, HL7_GRACE + SLACK)


def _watch() -> Part:
    command = (sys.executable, str(settings.BASE_DIR / "manage.py"), "video", "watch")
    return Part("watch", command, WATCH_GRACE + SLACK)


def _recorder() -> Part:
    command = (sys.executable, str(settings.BASE_DIR / "manage.py"), "recorder")
    return Part("recorder", command, RECORDER_GRACE + SLACK)
