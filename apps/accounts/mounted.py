"""Addresses that the server has once more below another one, for whoever holds something else than a sign-in.

The WSGI application (config/wsgi.py) puts a `Mount` into a request's environment; no header that a client sends gets
under its name there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest

from apps.accounts.principal import Principal

ENVIRON: Final = "fovea.mount"


@dataclass(frozen=True, slots=True)
class Mount:
    """Where the addresses are mounted, such as `/s/12`, and who comes in by them: no session or header counts there.

    `look_up` gives the principal for what was presented. It raises SignInRequired for nobody.
    """

    address: str
    presented: str
    look_up: Callable[[str], Principal]

    @property
    def key(self) -> str:
        """What the principal is remembered by: no cookie or header has a NUL in it."""
        return f"{self.address}\0{self.presented}"


def mount_of(request: HttpRequest) -> Mount | None:
    """Where the request came in; None for the site's own addresses."""
    mount: Mount | None = request.META.get(ENVIRON)
    return mount
