"""The page on which the administrators of the whole site say how much a practice may keep."""

from typing import Any, ClassVar, Final

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView
from unfold.views import UnfoldModelAdminViewMixin
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from apps.accounts.guards import Guards
from apps.accounts.models import Practice
from apps.accounts.permissions import Permission
from apps.accounts.scoped_admin import is_everywhere, principal
from apps.archive import quotas

LARGEST: Final = 10**9


class QuotaForm(forms.Form):
    """A practice and its quota, in gigabytes of 1024 MB."""

    practice = forms.ModelChoiceField(Practice.objects.all(), label=_("Practice"), widget=UnfoldAdminSelectWidget)
    quota = forms.DecimalField(
        label=_("Quota in GB"),
        min_value=0,
        max_value=LARGEST,
        decimal_places=3,
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal"}),
        help_text=_("Empty for what holds for the whole site (FOVEA_QUOTA_GB); 0 for no limit."),
    )


class QuotaView(UnfoldModelAdminViewMixin, FormView):
    """Nothing that is stored goes by it: what is new is refused from then on."""

    title = _("Quota")
    guards: ClassVar[Guards] = {"GET": Permission.ADMINISTER, "POST": Permission.ADMINISTER}
    permission_required = ()
    template_name = "admin/archive/quota.html"
    form_class = QuotaForm
    success_url = reverse_lazy("admin:archive_storage")

    def has_permission(self) -> bool:
        return is_everywhere(self.request, Permission.ADMINISTER)

    def get_initial(self) -> dict[str, Any]:
        return {"practice": self.request.GET.get("practice", "")}

    def form_valid(self, form: QuotaForm) -> HttpResponse:
        practice, quota = form.cleaned_data["practice"], form.cleaned_data["quota"]
        quotas.decide(principal(self.request), practice, None if quota is None else int(quota * quotas.GIGABYTE))
        messages.success(self.request, gettext("The quota of %(name)s is set.") % {"name": practice.name})
        return super().form_valid(form)
