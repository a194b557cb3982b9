"""Grants in the admin: a role for a user, for a scope and a time; given, and ended, never changed."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin as PlainModelAdmin
from django.contrib.admin import SimpleListFilter
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet, TextChoices
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSelect2MultipleWidget

from apps.accounts import granting, people
from apps.accounts.admin.deciding import DecidingAdmin, refusal
from apps.accounts.guards import Guard
from apps.accounts.models import Grant, User
from apps.accounts.permissions import Permission, Scope
from apps.accounts.reauthentication import required
from apps.accounts.scoped_admin import guarded, principal
from apps.core.errors import FoveaError
from apps.core.languages import translated

# Those that a person names; the rest are given where the patient is at hand.
SCOPES: Final = tuple((each.value, each.label) for each in Scope if each is not Scope.PATIENT)


class GrantState(TextChoices):
    """Whether a grant holds now."""

    HOLDS = "holds", pgettext_lazy("grant", "Holds")
    COMING = "to come", pgettext_lazy("grant", "To come")
    ENDED = "ended", pgettext_lazy("grant", "Ended")


COLOURS: Final = {GrantState.HOLDS: "success", GrantState.COMING: "info", GrantState.ENDED: "warning"}


def state_of(grant: Grant) -> GrantState:
    if granting.has_ended(grant):
        return GrantState.ENDED
    return GrantState.HOLDS if grant.is_current() else GrantState.COMING


class GrantForm(forms.ModelForm):
    """One role for one user or several. `who` is set by the page, which knows who gives it."""

    who: Any = None
    instances: list[Grant]
    users = forms.ModelMultipleChoiceField(User.objects.none(), widget=UnfoldAdminSelect2MultipleWidget)

    class Meta:
        model = Grant
        fields = ("practice", "role", "scope", "subject", "valid_from", "valid_until", "reason")
        help_texts = {
            "scope": _("Which studies of the practice the role is for."),
            "reason": _("Kept on record."),
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        starts, ends = cleaned.get("valid_from"), cleaned.get("valid_until")
        if starts and ends and ends <= starts:
            self.add_error("valid_until", gettext("It would end before it begins."))
        if cleaned.get("role") and cleaned.get("practice"):
            self._check_each(cleaned.get("users") or ())
        return cleaned

    def given(self) -> list[Grant]:
        """The grants that were asked for, one for each user."""
        facts = {name: self.cleaned_data[name] for name in self.Meta.fields}
        return [Grant(user=user, **facts) for user in self.cleaned_data["users"]]

    def _check_each(self, users: Iterable[User]) -> None:
        facts = {name: self.cleaned_data.get(name) for name in ("practice", "role", "scope")}
        for user in users:
            grant = Grant(user=user, subject=self.cleaned_data.get("subject") or "", **facts)
            try:
                grant.clean()
                granting.check_gift(self.who, grant)
            except ValidationError as error:
                self.add_error(None, error)
                return
            except FoveaError as error:
                self.add_error(None, translated(error.detail))
                return


class StateFilter(SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: PlainModelAdmin) -> list[tuple[str, str]]:
        return [(state.value, str(state.label)) for state in GrantState]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Grant]) -> QuerySet[Grant]:
        now = timezone.now()
        lasts = Q(valid_until=None) | Q(valid_until__gt=now)
        conditions = {
            GrantState.HOLDS.value: lasts & Q(valid_from__lte=now),
            GrantState.COMING.value: lasts & Q(valid_from__gt=now),
            GrantState.ENDED.value: Q(valid_until__lte=now),
        }
        return queryset.filter(conditions.get(self.value() or "", Q()))


class OwnPracticeFilter(SimpleListFilter):
    """By practice, for who administers several."""

    title = _("practice")
    parameter_name = "practice"

    def lookups(self, request: HttpRequest, model_admin: PlainModelAdmin) -> list[tuple[str, str]]:
        choices = [(str(practice.pk), practice.name) for practice in people.practices(principal(request))]
        return choices if len(choices) > 1 else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value() or ""
        return self.narrowed(request, queryset, int(value)) if value.isdigit() else queryset

    def narrowed(self, request: HttpRequest, queryset: QuerySet[Any], pk: int) -> QuerySet[Any]:
        return queryset.filter(practice=pk)


class RoleFilter(OwnPracticeFilter):
    title = _("role")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: PlainModelAdmin) -> list[tuple[str, str]]:
        return [(str(role.pk), role.name) for role in people.roles(principal(request))]

    def narrowed(self, request: HttpRequest, queryset: QuerySet[Any], pk: int) -> QuerySet[Any]:
        return queryset.filter(role=pk)


@admin.register(Grant)
class GrantAdmin(DecidingAdmin):
    """Who may do what, with which studies, from when until when."""

    asks: Mapping[str, Guard] = dict.fromkeys(("view", "add"), Permission.ADMINISTER)
    form = GrantForm
    list_display = ("whom", "role", "reach", "since", "until", "state", "practice", "given_by")
    list_display_links = ("whom",)
    list_filter = (StateFilter, "scope", RoleFilter, OwnPracticeFilter, "origin")
    list_select_related = ("user", "role", "practice", "granted_by")
    search_fields = ("user__username", "user__first_name", "user__last_name", "subject")
    search_help_text = _("User, label or referring physician")
    ordering = ("-granted_at", "-pk")
    actions = ("end_selected",)
    change_form_outer_before_template = "admin/accounts/grant_before.html"
    fieldsets = (
        (None, {"fields": ("users", ("practice", "role"))}),
        (_("Which studies"), {"fields": (("scope", "subject"),)}),
        (_("How long"), {"fields": ("valid_from", "valid_until", "reason")}),
    )
    shown = (
        (None, {"fields": (("user", "role", "practice"), ("scope", "subject"))}),
        (_("How long"), {"fields": (("valid_from", "valid_until"), "reason")}),
        (pgettext_lazy("grant", "Given"), {"fields": (("granted_by", "granted_at", "origin"),)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Grant]:
        return people.grants(principal(request)).order_by(*self.ordering)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        return lookup == "user__id__exact" or super().lookup_allowed(lookup, value, request)

    @display(description=_("User"), header=True, ordering="user__username")
    def whom(self, grant: Grant) -> tuple[str, str]:
        name = grant.user.get_full_name()
        return name or grant.user.username, grant.user.username if name else ""

    @display(description=pgettext_lazy("grant", "For"), header=True, ordering="scope")
    def reach(self, grant: Grant) -> tuple[str, str]:
        return grant.get_scope_display(), "" if grant.scope == Scope.PATIENT else grant.subject

    @display(description=pgettext_lazy("time", "From"), ordering="valid_from")
    def since(self, grant: Grant) -> str:
        return date_format(localtime(grant.valid_from), "SHORT_DATE_FORMAT")

    @display(description=pgettext_lazy("time", "Until"), ordering="valid_until")
    def until(self, grant: Grant) -> str:
        return date_format(localtime(grant.valid_until), "SHORT_DATE_FORMAT") if grant.valid_until else "—"

    @display(description=_("State"), label=COLOURS)
    def state(self, grant: Grant) -> tuple[str, str]:
        state = state_of(grant)
        return state, str(state.label)

    @display(description=_("Given by"), header=True)
    def given_by(self, grant: Grant) -> tuple[str, str]:
        how = "" if grant.origin == Grant.Origin.HAND else grant.get_origin_display()
        return str(grant.granted_by or gettext("the server")), how

    def get_fieldsets(self, request: HttpRequest, obj: Grant | None = None) -> Any:
        return self.shown if obj else self.fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: Grant | None = None) -> Sequence[str]:
        return [name for _title, part in self.shown for line in part["fields"] for name in _names(line)] if obj else ()

    def get_form(self, request: HttpRequest, obj: Grant | None = None, **kwargs: Any) -> type[GrantForm]:
        if obj:
            return super().get_form(request, obj, **{**kwargs, "form": forms.ModelForm, "fields": ()})
        made = super().get_form(request, obj, **{**kwargs, "fields": GrantForm.Meta.fields})
        made.who = principal(request)
        choices: dict[str, QuerySet[Any]] = {
            "users": people.users(made.who).filter(is_active=True).order_by("username"),
            "practice": people.practices(made.who),
            "role": people.roles(made.who).order_by("name"),
        }
        for name, rows in choices.items():
            made.base_fields[name].queryset = rows
        made.base_fields["scope"].choices = SCOPES
        made.base_fields["practice"].initial = made.who.practice_id
        return made

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """`?users=1,2` names whom it is for."""
        asked = request.GET.get("users", "")
        return {"users": [int(each) for each in asked.split(",") if each.isdigit()]}

    def save_form(self, request: HttpRequest, form: GrantForm, change: bool) -> Grant:
        # The first stands for all of them on the pages that follow.
        form.instances = form.given()
        return form.instances[0]

    def save_model(self, request: HttpRequest, obj: Grant, form: GrantForm, change: bool) -> None:
        granting.give(principal(request), form.instances)

    def save_related(self, request: HttpRequest, form: GrantForm, formsets: Any, change: bool) -> None:
        """There is nothing beside the grants themselves."""

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        grant = self.get_object(request, object_id)
        may_end = grant is not None and not granting.has_ended(grant)
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "may_end": may_end})

    def get_urls(self) -> list[URLPattern]:
        view: Any = self.end_view
        end: Any = self.admin_site.admin_view(required(view))
        end.guards = view.guards
        return [path("<int:pk>/end/", end, name="accounts_grant_end"), *super().get_urls()]

    @guarded({"POST": Permission.ADMINISTER})
    def end_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """End a grant now."""
        grant = self.get_queryset(request).filter(pk=pk).first()
        if grant is None:
            raise Http404
        try:
            granting.end(principal(request), [grant], request.POST.get("reason", "").strip())
        except FoveaError as error:
            messages.error(request, translated(error.detail))
        else:
            said = gettext("%(user)s is %(role)s no longer.") % {"user": grant.user, "role": grant.role}
            messages.success(request, said)
        return HttpResponseRedirect(reverse("admin:accounts_grant_change", args=[pk]))

    def has_end_permission(self, request: HttpRequest) -> bool:
        return self.allows(request, "add")

    @action(description=_("End now"), permissions=["end"])
    def end_selected(self, request: HttpRequest, queryset: QuerySet[Grant]) -> HttpResponse | None:
        try:
            count = granting.end(principal(request), queryset)
        except FoveaError as error:
            return refusal(request, error)
        messages.success(request, ngettext("%(count)d ended.", "%(count)d ended.", count) % {"count": count})
        return None


def _names(line: str | tuple[str, ...]) -> tuple[str, ...]:
    return (line,) if isinstance(line, str) else line
