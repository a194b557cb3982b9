"""What a browser may do with the page on which reports are written: more than the house's pages, and no more than that.

It frames the viewer and the preview, shows images that it has made itself (`blob:`), and listens to the microphone.
"""

from typing import Final

from django.http import HttpResponse

from apps.core import policies

CONTENT_SECURITY_POLICY: Final = (
    policies.PAGE.replace("img-src 'self' data:", "img-src 'self' data: blob:") + "; frame-src 'self'"
)
PERMISSIONS: Final = policies.PERMISSIONS.replace("microphone=()", "microphone=(self)")


def allow(response: HttpResponse) -> HttpResponse:
    """The same answer, with what its page may do."""
    response.headers[policies.CONTENT_SECURITY_POLICY] = CONTENT_SECURITY_POLICY
    response.headers["Permissions-Policy"] = PERMISSIONS
    return response
