"""The key with which a browser keeps what it could not send: on the device, and of no use there to anybody else.

The same for the same person and report, so that a page opened after a lost connection, a crash or a new sign-in reads
what the one before has kept. It leaves the server with the page alone, and only for who may write the report.
"""

from base64 import b64encode

from django.utils.crypto import salted_hmac

from apps.accounts.models import User
from apps.reports.models.reports import Report


def key_of(user: User, report: Report) -> str:
    """256 bits for AES, in base64."""
    made = salted_hmac("apps.reports.page.keeping", f"{user.pk} {report.pk}", algorithm="sha256")
    return b64encode(made.digest()).decode()
