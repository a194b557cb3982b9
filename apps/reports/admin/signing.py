"""Who signs as what, what PDFs are sealed with, and to whom signed reports are sent, in the admin."""

from typing import Any, Final

from django import forms
from django.contrib import admin
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminPasswordWidget, UnfoldAdminTextInputWidget

from apps.accounts import people
from apps.accounts.admin.deciding import EVERYTHING, DecidingAdmin, OfPracticeAdmin
from apps.accounts.permissions import Permission
from apps.accounts.scoped_admin import PracticeFilter, ScopedAdmin, guarded, principal
from apps.core.dates import day
from apps.core.errors import Invalid
from apps.core.languages import translated
from apps.reports import certificates, recipients, signatories
from apps.reports.models import Distribution, Signatory, SigningCertificate
from apps.sharing.links import MOST_DAYS

SOURCE: Final = "admin"


@admin.register(Signatory)
class SignatoryAdmin(DecidingAdmin):
    """Of the users whom the person manages."""

    list_display = ("__str__", "credentials", "registration")
    search_fields = ("user__username", "user__last_name", "credentials")
    search_help_text = _("Name or credentials")
    ordering = ("user__username",)
    fields = ("user", "credentials", "registration")
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Signatory]:
        managed = people.users(principal(request)).values("pk")
        return Signatory.objects.select_related("user").filter(user__in=managed).order_by("user__username")

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return ("user",) if obj else ()

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["queryset"] = people.users(principal(request)).filter(is_active=True).order_by("username")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Signatory, form: ModelForm, change: bool) -> None:
        signatories.save(principal(request), obj, source=SOURCE)

    def delete_model(self, request: HttpRequest, obj: Signatory) -> None:
        signatories.remove(principal(request), obj, source=SOURCE)


class NewCertificateForm(forms.ModelForm):
    """A certificate with its key as a file, or none: then one is made here."""

    file = forms.FileField(
        label=_("Certificate and key"), required=False,
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".p12,.pfx,application/x-pkcs12"}),
        help_text=_("PKCS #12 (.p12, .pfx). Without one, a certificate is made here that is signed by itself."),
    )  # fmt: skip
    password = forms.CharField(
        label=_("Password of the file"), required=False, max_length=200, strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "off"}),
    )  # fmt: skip

    class Meta:
        model = SigningCertificate
        fields = ("practice",)

    def clean_file(self) -> bytes:
        """One byte more than there may be tells that it is too large."""
        given: UploadedFile | None = self.cleaned_data["file"]
        return given.read(certificates.MOST_BYTES + 1) if given else b""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if file := cleaned.get("file"):
            try:
                certificates.read(file, cleaned.get("password", ""))
            except Invalid as error:
                for name, text in error.errors:
                    self.add_error(name, translated(text))
        return cleaned


@admin.register(SigningCertificate)
class SigningCertificateAdmin(OfPracticeAdmin, ScopedAdmin):
    """Added and switched; what PDFs were sealed with stays listed."""

    asks = {what: guard for what, guard in EVERYTHING.items() if what != "delete"}
    list_display = ("subject", "until", "made", "is_active", "practice")
    list_filter = ("is_active", PracticeFilter)
    ordering = ("-pk",)
    actions = None
    readonly_fields = ("subject", "fingerprint", "valid_until", "is_self_signed", "file")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        more = {} if obj else {"form": NewCertificateForm}
        return super().get_form(request, obj, change, **kwargs, **more)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return [(None, {"fields": ("practice", "file", "password")})]
        return [(None, {"fields": ("practice", "is_active", *self.readonly_fields)})]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return ("practice", *self.readonly_fields) if obj else ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[SigningCertificate]:
        return super().get_queryset(request).select_related("practice").defer("key")

    @display(description=_("Valid until"), ordering="valid_until")
    def until(self, row: SigningCertificate) -> str:
        return day(row.valid_until.date())

    @display(description=_("Signed by"))
    def made(self, row: SigningCertificate) -> str:
        return gettext("itself") if row.is_self_signed else gettext("an authority")

    @display(description=_("For who checks PDFs"))
    def file(self, row: SigningCertificate) -> SafeString:
        address = reverse("admin:reports_signingcertificate_file", args=[row.pk])
        return format_html('<a href="{}">{}</a>', address, gettext("The certificate (PEM)"))

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        own = path("<int:pk>/certificate.pem", guard(self.file_view), name="reports_signingcertificate_file")
        return [own, *super().get_urls()]

    @guarded({"GET": Permission.ADMINISTER})
    def file_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The certificate, which is public: whoever trusts it sees that a PDF is the practice's."""
        row: SigningCertificate | None = self.get_queryset(request).filter(pk=pk).first()
        if row is None:
            raise Http404
        headers = {"Content-Disposition": f'attachment; filename="certificate-{row.pk}.pem"'}
        return HttpResponse(row.chain, content_type="application/x-pem-file", headers=headers)

    def save_model(self, request: HttpRequest, obj: SigningCertificate, form: ModelForm, change: bool) -> None:
        who = principal(request)
        if change:
            certificates.switch(who, obj, is_active=obj.is_active, source=SOURCE)
            return
        file, password = form.cleaned_data["file"], form.cleaned_data["password"]
        if file:
            made = certificates.bring(who, obj.practice, file, password, source=SOURCE)
        else:
            made = certificates.make(who, obj.practice, source=SOURCE)
        obj.pk, obj.subject = made.pk, made.subject


class DistributionForm(forms.ModelForm):
    """Who is sent reports, with the bounds of share links."""

    days = forms.IntegerField(
        label=_("days"), min_value=1, max_value=MOST_DAYS, initial=30, help_text=_("For which the link opens."),
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "numeric"}),
    )  # fmt: skip

    class Meta:
        model = Distribution
        fields = ("practice", "email", "referring_physician", "days", "is_active")


@admin.register(Distribution)
class DistributionAdmin(OfPracticeAdmin, ScopedAdmin):
    """Of the practices that the person administers."""

    form = DistributionForm
    list_display = ("email", "referring_physician", "days", "is_active", "practice")
    list_filter = ("is_active", PracticeFilter)
    search_fields = ("email", "referring_physician")
    search_help_text = _("E-mail or referring physician")
    ordering = ("email", "pk")
    actions = None
    fieldsets = ((None, {"fields": ("practice", "email", "referring_physician", "days", "is_active")}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Distribution]:
        return super().get_queryset(request).select_related("practice")

    def save_model(self, request: HttpRequest, obj: Distribution, form: ModelForm, change: bool) -> None:
        recipients.save(principal(request), obj, source=SOURCE)

    def delete_model(self, request: HttpRequest, obj: Distribution) -> None:
        recipients.remove(principal(request), obj, source=SOURCE)
