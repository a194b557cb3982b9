"""The admin's pages on which another archive is searched and imported from, and studies are sent to one."""

from collections.abc import Callable
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext

from apps.accounts.permissions import Permission
from apps.accounts.scoped_admin import GuardedAdmin, guarded, principal
from apps.archive.models import Series, Study
from apps.core.errors import FoveaError, NotFound, Refused
from apps.core.languages import translated
from apps.jobs.models import Job
from apps.remotes import exporting, importing, searching
from apps.remotes.models import Remote
from apps.remotes.querying_forms import DestinationForm, QueryForm
from apps.remotes.reaching import usable

SOURCE: Final = "admin"
# By their rows' numbers in the address, which may not become too long.
MOST_CHOSEN: Final = 100


class QueryPages(GuardedAdmin):
    """Mixed into the admin of remotes: pages for whoever may fetch or send, without deciding on remotes."""

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        return [
            path("search/", guard(self.search_view), name="remotes_remote_search"),
            path("<int:pk>/import/", guard(self.import_view), name="remotes_remote_import"),
            path("send/", guard(self.send_view), name="remotes_remote_send"),
            *super().get_urls(),
        ]

    @guarded({"GET": Permission.FETCH, "POST": Permission.FETCH})
    def search_view(self, request: HttpRequest) -> HttpResponse:
        """The form, and what was found. A search is sent as a form: names stay out of addresses and histories."""
        remotes = _usable(request, Permission.FETCH)
        where = DestinationForm(remotes, request.POST or None, initial={"remote": request.GET.get("remote")})
        where.fields["remote"].label = gettext("Archive")
        form = QueryForm(request.POST or None)
        context: dict[str, Any] = {"title": gettext("Search other archives"), "where": where, "form": form}
        context["is_empty"] = not remotes.exists()
        if where.is_valid() and form.is_valid():
            remote: Remote = where.cleaned_data["remote"]
            try:
                context["results"] = searching.search(principal(request), remote, form.query, source=SOURCE)
            except FoveaError as error:
                form.add_error(None, translated(error.detail))
            context["remote"] = remote
        return self._page(request, "search", context)

    @guarded({"POST": Permission.FETCH})
    def import_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The button below what was found."""
        remote = _found(request, pk, Permission.FETCH)
        job = _asked(request, lambda: importing.ask(principal(request), remote, request.POST.getlist("studies")))
        back = f"{reverse('admin:remotes_remote_search')}?remote={remote.pk}"
        return HttpResponseRedirect(_way_to(job) if job else back)

    @guarded({"GET": Permission.SEND, "POST": Permission.SEND})
    def send_view(self, request: HttpRequest) -> HttpResponse:
        """What was chosen on the list of studies, or the page of one: where it is sent."""
        studies = _chosen(request, Study.objects.defer("found"), "study")
        series = _chosen(request, Series.objects.select_related("study").defer("found", "study__found"), "series")
        practices = {each.practice_id for each in studies} | {each.study.practice_id for each in series}
        if len(practices) != 1:
            one, none = gettext("Choose studies of one practice."), gettext("Choose the studies to send first.")
            messages.error(request, one if practices else none)
            return HttpResponseRedirect(reverse("admin:archive_study_changelist"))
        form = DestinationForm(_usable(request, Permission.SEND).filter(practice__in=practices), request.POST or None)
        if form.is_valid() and (job := _sent(request, form.cleaned_data["remote"], studies, series)):
            return HttpResponseRedirect(_way_to(job))
        context = {"title": gettext("Send"), "form": form, "studies": studies, "series_list": series}
        context["is_empty"] = not _usable(request, Permission.SEND).filter(practice__in=practices).exists()
        return self._page(request, "send", context)

    def _page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        known = {**self.admin_site.each_context(request), **context}
        return TemplateResponse(request, f"admin/remotes/{template}.html", known)


def _usable(request: HttpRequest, permission: Permission) -> QuerySet[Remote]:
    """The remotes that the person may search, or send to."""
    who = principal(request)
    rows = Remote.objects.filter(is_active=True).select_related("practice")
    whole = who.whole(permission)
    if whole is None:
        return rows
    narrow = {each.practice_id for each in who.narrow(permission)} if permission is Permission.SEND else set()
    return rows.filter(Q(practice__in=whole | narrow))


def _found(request: HttpRequest, pk: int, permission: Permission) -> Remote:
    """Raises Http404, PermissionDenied."""
    try:
        return usable(principal(request), pk, permission)
    except NotFound as error:
        raise Http404 from error
    except Refused as error:
        raise PermissionDenied(translated(error.detail)) from error


def _chosen(request: HttpRequest, rows: QuerySet[Any], name: str) -> list[Any]:
    """The rows of these numbers that the person may send."""
    numbers = [int(each) for each in request.GET.getlist(name)[:MOST_CHOSEN] if each.isdigit() and len(each) < 19]
    return list(rows.visible_to(principal(request), Permission.SEND).filter(pk__in=numbers))  # type: ignore[attr-defined]


def _sent(request: HttpRequest, remote: Remote, studies: list[Study], series: list[Series]) -> Job | None:
    uids = [study.study_instance_uid for study in studies], [each.series_instance_uid for each in series]
    return _asked(request, lambda: exporting.ask(principal(request), remote, *uids))


def _asked(request: HttpRequest, ask: Callable[[], Job]) -> Job | None:
    """The job that was asked for; None, and a message, where it can't be."""
    try:
        return ask()
    except FoveaError as error:
        messages.error(request, translated(error.detail))
        return None


def _way_to(job: Job) -> str:
    return reverse("admin:jobs_job_change", args=[job.pk])
