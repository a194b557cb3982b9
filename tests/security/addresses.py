"""Every address of the server, with what it asks for: from the URL configuration itself, not from a list."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.urls import URLPattern, URLResolver, get_resolver

from apps.accounts.guards import Guard, Open
from apps.accounts.scoped_admin import GuardedAdmin, SiteAdmin
from config import doors


@dataclass(frozen=True, slots=True)
class Address:
    """A route as the URL configuration writes it. `guards` is None for one that says nothing itself."""

    route: str
    name: str
    guards: Mapping[str, Guard | None] | None
    is_of_site: bool = False

    def path(self, values: Mapping[str, object]) -> str:
        """The path with these values of its variables."""
        path = re.sub(r"\(\?P<(\w+)>(?:[^()\[]|\[[^]]*\])*\)", lambda match: str(values[match[1]]), self.route)
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda match: str(values[match[1]]), path)
        return "/" + path.replace("^", "").removesuffix("$").removesuffix("/?")

    def __str__(self) -> str:
        return self.route


def every() -> list[Address]:
    """All of them, in their order."""
    return [_address(route, pattern) for route, pattern in _walk(get_resolver())]


def unguarded() -> list[Address]:
    """Those that say nothing themselves."""
    return [address for address in every() if address.guards is None]


def asked() -> Iterator[tuple[Address, str, Guard | None]]:
    """Each method of each guarded address with what it asks for; None where it is closed to everybody."""
    for address in every():
        for method, guard in (address.guards or {}).items():
            yield address, method, guard


def listed(address: Address) -> str:
    """The reason for which an address asks for no permission; empty for one that nobody has thought of."""
    tables = (doors.ANYBODY, doors.USERS, doors.OPTIONAL)
    return next((table[table_route(address)] for table in tables if table_route(address) in table), "")


def table_route(address: Address) -> str:
    """The route as the tables have it: without the names of all apps, of which there may be more."""
    return re.sub(r"\(\?P<app_label>[^)]*\)", "(?P<app_label>)", address.route)


def _walk(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from _walk(entry, prefix + str(entry.pattern))
        else:
            yield prefix + str(entry.pattern), entry


def _address(route: str, pattern: URLPattern) -> Address:
    view: Any = pattern.callback
    holder = next((each for each in (view, getattr(view, "cls", None), getattr(view, "view_class", None))
                   if getattr(each, "guards", None)), None)  # fmt: skip
    model_admin = getattr(view, "model_admin", None)
    if holder is not None:
        return Address(route, pattern.name or "", holder.guards, _is_of_site(route))
    if isinstance(model_admin, GuardedAdmin):
        return Address(route, pattern.name or "", _of_page(model_admin, pattern.name or ""), _is_of_site(route))
    return Address(route, pattern.name or "", None)


def _of_page(model_admin: GuardedAdmin, name: str) -> Mapping[str, Guard | None]:
    """What a page that Django makes for every admin asks for; the shortcut to a page, nothing but a way in."""
    needed = doors.ADMIN_PAGES.get(name.rpartition("_")[2], {})
    return {method: model_admin.asks.get(what) for method, what in needed.items()} or {"GET": Open.TO_USERS}


def _is_of_site(route: str) -> bool:
    """Whether the page belongs to an admin for superusers."""
    return any(
        isinstance(each, SiteAdmin) and route.startswith(f"admin/{model._meta.app_label}/{model._meta.model_name}/")
        for model, each in admin.site._registry.items()
    )
