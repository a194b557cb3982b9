"""Pages on which a person decides: buttons that lead to a service, which says what went wrong."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse

from apps.accounts.principal import Principal
from apps.accounts.scoped_admin import ScopedAdmin, acting_in
from apps.core.errors import FoveaError, NotFound
from apps.core.languages import translated

Deed = Callable[[Principal], object]


class DecidingAdmin(ScopedAdmin):
    """Rows that are looked at, and decided about by the admin's own views."""

    actions = None
    fields = ()
    # The methods behind the buttons of an object's page: POST to <pk>/<name>/.
    deeds: tuple[str, ...] = ()

    def get_urls(self) -> list[URLPattern]:
        return [*map(self.deed, self.deeds), *super().get_urls()]

    def deed(self, name: str) -> URLPattern:
        view = self.admin_site.admin_view(getattr(self, name))
        return path(f"<int:pk>/{name}/", view, name=f"{self._base}_{name}")

    def decide(self, request: HttpRequest, pk: int, deed: Deed, done: str) -> HttpResponse:
        """Do it in the practice whose row it is, and go back to its page with what became of it. Raises NotFound."""
        who = acting_in(request, self.practice_of(self.found(request, pk)))
        try:
            deed(who)
        except FoveaError as error:
            messages.error(request, translated(error.detail))
        else:
            messages.success(request, done)
        return self.back(pk)

    def found(self, request: HttpRequest, pk: int) -> Any:
        """The row, if the person may see it. Raises NotFound."""
        row = self.get_queryset(request).filter(pk=pk).first()
        if row is None:
            raise NotFound
        return row

    def practice_of(self, row: Any) -> int:
        return int(row.practice_id)

    def back(self, pk: int) -> HttpResponse:
        return HttpResponseRedirect(reverse(f"admin:{self._base}_change", args=[pk]))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        context = {"row": row, **self.page(request, row)} if row else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **context})

    def page(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """What the object's page shows beside the row."""
        return {}

    @property
    def _base(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}"
