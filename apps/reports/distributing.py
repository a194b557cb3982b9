"""Sending word of a signed report to those who are to have it: a link by e-mail, which opens the study for a time.

The mail names no patient: who holds the link sees what it opens, and that is on record as of every share. Signatures
that nothing was stored of are asked for again here too.
"""

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext

from apps.access.physicians import key_of
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive.models import Study
from apps.core.errors import Conflict, NotFound
from apps.jobs.handle import JobHandle
from apps.jobs.models import Job
from apps.jobs.queue import enqueue
from apps.reports import addresses
from apps.reports.models import Distribution, Signature
from apps.reports.signing import OUTPUTS, ask_for_outputs
from apps.saying import say
from apps.sharing import links
from apps.sharing.links import MOST_DAYS, Terms
from apps.sharing.models import TEXT_LENGTH, Share

MAIL: Final = "report-mail"
WORKER: Final = "distribution"
RIGHTS: Final = frozenset({Permission.VIEW, Permission.SHARE})
# Of one signature.
MOST: Final = 50
# A job that was asked for so long ago and has not made the outputs has failed; so often it is asked for again.
PATIENCE: Final = timedelta(hours=1)
# After which nothing is tried any more by itself: whoever runs the site has been told each time.
GIVEN_UP: Final = timedelta(days=30)
AT_ONCE: Final = 100


def on_signed(*, signature: Signature, **_: object) -> None:
    """Within the transaction in which a signature's outputs are noted: a job for each who is told of it."""
    if not (settings.EMAIL_IS_SENT and settings.PUBLIC_URL):
        return
    study = signature.report.study
    for row in told_of(study)[:MOST]:
        keys = {"signature": signature.pk, "distribution": row.pk}
        enqueue(MAIL, keys, practice=study.practice_id, key=f"{signature.pk} {row.pk}")


def told_of(study: Study) -> list[Distribution]:
    """To whom the reports of this study are sent."""
    rows = Distribution.objects.filter(practice=study.practice_id, is_active=True).order_by("pk")
    return [row for row in rows if not row.referring_physician or _has_referred(row.referring_physician, study)]


def send(handle: JobHandle, signature_pk: int, distribution_pk: int) -> int:
    """Send the mail; gives how many were sent. Sending again gives the same share another secret.

    Raises NotFound for what is no more, Conflict where the site sends no mail or has no address of its own.
    """
    row = Distribution.objects.filter(pk=distribution_pk, is_active=True).first()
    signatures = Signature.objects.select_related("report__study__practice", "report__version__template")
    signature = signatures.filter(pk=signature_pk, report__study__practice=row.practice_id if row else 0).first()
    if row is None or signature is None:
        raise NotFound(say("Nobody is to be told of this report any more."))
    if not (settings.EMAIL_IS_SENT and settings.PUBLIC_URL):
        raise Conflict(say("This site sends no e-mail: set FOVEA_EMAIL_URL and FOVEA_PUBLIC_URL."))
    link = _link(row, signature)
    handle.check()
    _message(row, signature, link).send()
    Signature.objects.filter(pk=signature.pk).update(distributed_at=timezone.now())
    return 1


def sweep(**_: object) -> None:
    """Each minute: have made what was signed an hour ago and is not stored, at most once an hour for each."""
    now = timezone.now()
    before = now - PATIENCE
    waiting = Signature.objects.filter(stored_at=None, signed_at__lt=before, signed_at__gt=now - GIVEN_UP)
    waiting = waiting.select_related("report__study")
    for signature in waiting.order_by("signed_at")[:AT_ONCE]:
        asked = Job.objects.filter(kind=OUTPUTS, key=str(signature.pk), created_at__gt=before)
        if not asked.exists():
            ask_for_outputs(signature)


def _has_referred(name: str, study: Study) -> bool:
    return key_of(name) == study.referring_physician_key.partition("=")[0]


def _link(row: Distribution, signature: Signature) -> str:
    """The address of a share of the study, as long as the distribution says."""
    days = max(1, min(row.days, MOST_DAYS))
    recipient, purpose = row.email[:TEXT_LENGTH], f"report {signature.report_id}, signature {signature.number}"
    study = signature.report.study
    with transaction.atomic():
        shares = Share.objects.current().select_for_update().filter(study=study, made_by=None)
        known = shares.filter(recipient=recipient, purpose=purpose).first()
        if known is None:
            worker = Principal.worker(study.practice_id, WORKER, RIGHTS, on_behalf_of=signature.name)
            secret = links.make(worker, study.study_instance_uid, Terms(recipient, purpose, days), source=MAIL).secret
        else:
            secret = known.renew(days)
            known.save(update_fields=["digest", "expires_at"])
    return addresses.share(secret)


def _message(row: Distribution, signature: Signature, link: str) -> EmailMessage:
    """In the report's language; without anything of the patient or the study."""
    practice = signature.report.study.practice
    with translation.override(signature.document["language"]):
        context = {"link": link, "practice": practice.name, "days": row.days, "is_amended": signature.number > 1}
        text = render_to_string("reports/mail.txt", context)
        subject = gettext("%(practice)s: a report for you") % {"practice": practice.name}
    headers = {"Auto-Submitted": "auto-generated"}
    return EmailMessage(" ".join(subject.split()), text, None, [row.email], headers=headers)
