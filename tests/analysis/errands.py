"""What tests have done in a process of its own."""

import os
import resource
import sys
import time
from typing import Any

from apps.analysis.apart.child import Tell
from apps.analysis.apart.refusing import Unanswerable


def add(asked: dict[str, Any], tell: Tell) -> dict[str, Any]:
    tell(1, 2)
    print("Libraries say much.")
    return {"sum": sum(asked["numbers"]), "environment": sorted(os.environ), "has_django": "django" in sys.modules}


def refuse(asked: dict[str, Any], tell: Tell) -> dict[str, Any]:
    raise Unanswerable("odd", number=3)


def fail(asked: dict[str, Any], tell: Tell) -> dict[str, Any]:
    raise ZeroDivisionError(asked["secret"])


def hoard(asked: dict[str, Any], tell: Tell) -> dict[str, Any]:
    limit, _ = resource.getrlimit(resource.RLIMIT_DATA)
    return {"size": len(bytearray(limit + 1))}


def lack(asked: dict[str, Any], tell: Tell) -> dict[str, Any]:
    raise ModuleNotFoundError(name="monai")


def sleep(asked: dict[str, Any], tell: Tell) -> dict[str, Any]:
    tell(0, 1)
    time.sleep(60)
    return {}


def die(asked: dict[str, Any], tell: Tell) -> dict[str, Any]:
    os._exit(9)
