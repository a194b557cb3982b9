"""Family access in the admin: inviting, giving the code, and deciding about who has shown who they are."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from apps.access import invitations, secret
from apps.access.admin.deciding import DecidingAdmin
from apps.access.admin.inviting import InviteForm
from apps.access.links import address
from apps.access.models import UNVERIFIED, Invitation, State
from apps.accounts.permissions import Permission
from apps.accounts.scoped_admin import PracticeFilter, acting_in, guarded, principal
from apps.archive.models import TEXT_LENGTH, Patient, Study
from apps.archive.templatetags.dicom_text import person_name
from apps.core.dates import day
from apps.core.errors import FoveaError
from apps.core.languages import translated

COLOURS = {
    State.INVITED: "info",
    State.OPENED: "info",
    State.VERIFIED: "warning",
    State.ACCEPTED: "success",
    State.REFUSED: "danger",
    State.EXPIRED: None,
    State.REVOKED: "danger",
}


@admin.register(Invitation)
class InvitationAdmin(DecidingAdmin):
    """The newest first; those that wait for review have their own filter and a number in the menu."""

    asks = {"view": Permission.SHARE}
    deeds = ("code", "accept", "refuse", "revoke")
    list_display = ("who", "whom", "state_badge", "invited", "ends")
    list_filter = ("state", PracticeFilter)
    search_fields = ("name", "contact", "patient__name_key", "patient__patient_id")
    search_help_text = _("Name, contact, or the patient's name or Patient ID")
    ordering = ("-pk",)
    change_form_template = "admin/access/invitation.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Invitation]:
        return super().get_queryset(request).select_related("patient", "practice", "user", "invited_by")

    def get_urls(self) -> list[URLPattern]:
        invite = self.admin_site.admin_view(self.invite)
        return [path("invite/<int:patient>/", invite, name="access_invitation_invite"), *super().get_urls()]

    @display(description=_("Who"), ordering="name", header=True)
    def who(self, row: Invitation) -> tuple[str, str]:
        return row.name, row.get_relation_display()

    @display(description=_("Patient"), ordering="patient__name_key", header=True)
    def whom(self, row: Invitation) -> tuple[str, str]:
        return (
            (person_name(row.patient.name), row.patient.patient_id) if row.patient else (gettext("nobody any more"), "")
        )

    @display(description=_("State"), ordering="state", label=COLOURS)
    def state_badge(self, row: Invitation) -> tuple[str, str]:
        return row.state_now, str(row.state_now.label)

    @display(description=_("Invited"), ordering="invited_at", header=True)
    def invited(self, row: Invitation) -> tuple[str, str]:
        return day(row.invited_at), gettext("by %(name)s") % {"name": row.invited_by} if row.invited_by else ""

    @display(description=_("Until"), ordering="until")
    def ends(self, row: Invitation) -> str:
        return day(row.until)

    def page(self, request: HttpRequest, row: Invitation) -> dict[str, Any]:
        state = row.state_now
        return {
            "title": gettext("Family access for %(name)s") % {"name": row.name},
            "studies": row.studies.defer("found"),
            "steps": row.steps.select_related("by"),
            "state": state,
            "may_have_code": state in UNVERIFIED,
            "may_decide": state == State.VERIFIED and row.user_id != principal(request).user_id,
            "may_revoke": state in (*UNVERIFIED, State.VERIFIED, State.ACCEPTED),
        }

    @guarded({"GET": Permission.SHARE, "POST": Permission.SHARE})
    def invite(self, request: HttpRequest, patient: int) -> HttpResponse:
        """The form for an invitation to studies of this patient; `?study=` names those that are chosen already."""
        whose = Patient.objects.visible_to(principal(request), Permission.SHARE).filter(pk=patient).first()
        if whose is None:
            raise Http404
        who = acting_in(request, whose.practice_id)
        studies = Study.objects.visible_to(who, Permission.SHARE).filter(patient=whose).defer("found")
        form = InviteForm(request.POST or None, studies=studies, chosen=request.GET.getlist("study"))
        if request.method == "POST" and form.is_valid():
            try:
                made, link = invitations.invite(who, form.uids, form.person, form.until)
            except FoveaError as error:
                form.add_error(None, translated(error.detail))
            else:
                return self._once(request, made, link=address(request, link))
        context = {"title": gettext("Invite a patient or relative"), "form": form, "patient": whose}
        return self._answer(request, "invite", context)

    @guarded({"POST": Permission.SHARE})
    def code(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Make a code and show it, this once: in the page itself, since a message would keep it in a cookie."""
        row = self.found(request, pk)
        try:
            made, code = invitations.new_code(acting_in(request, row.practice_id), pk)
        except FoveaError as error:
            messages.error(request, translated(error.detail))
            return self.back(pk)
        return self._once(request, made, code=secret.spoken(code))

    @guarded({"POST": Permission.SHARE})
    def accept(self, request: HttpRequest, pk: int) -> HttpResponse:
        note, done = _text(request), gettext("Accepted: the studies can be seen now.")
        return self.decide(request, pk, lambda who: invitations.accept(who, pk, note=note), done)

    @guarded({"POST": Permission.SHARE})
    def refuse(self, request: HttpRequest, pk: int) -> HttpResponse:
        done = gettext("Refused.")
        return self.decide(request, pk, lambda who: invitations.refuse(who, pk, reason=_text(request)), done)

    @guarded({"POST": Permission.SHARE})
    def revoke(self, request: HttpRequest, pk: int) -> HttpResponse:
        done = gettext("Revoked: nothing can be seen by it any more.")
        return self.decide(request, pk, lambda who: invitations.revoke(who, pk, reason=_text(request)), done)

    def _once(self, request: HttpRequest, row: Invitation, **shown: str) -> HttpResponse:
        context = {"title": gettext("Family access for %(name)s") % {"name": row.name}, "row": row, **shown}
        return self._answer(request, "invitation_secret", context)

    def _answer(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        whole = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        response = TemplateResponse(request, f"admin/access/{template}.html", whole)
        response["Cache-Control"] = "no-store"
        return response


def _text(request: HttpRequest) -> str:
    return request.POST.get("note", "").strip()[:TEXT_LENGTH]
