"""SMS and chat messages by Apprise, in workers alone: it is heavy to import, and nobody waits for it there."""

from typing import Final

from apps.core.errors import Invalid
from apps.core.sealed import Unsealable, unseal
from apps.notifications import services
from apps.notifications.models import Contact
from apps.saying import say

CONNECT_SECONDS: Final = 10.0
READ_SECONDS: Final = 20.0


class NotSent(Exception):
    """A message could not be sent; `reason` is for whom it was for."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def send(contact: Contact, title: str, body: str) -> None:
    """Send a text to a contact. Raises NotSent.

    What an address may ask for otherwise stays as the server has it: certificates are checked, redirects are not
    followed, and nobody waits for long.
    """
    from apprise import Apprise, AppriseAsset

    asset = AppriseAsset(app_id="Fovea", app_desc="Fovea", app_url="", async_mode=False, http_redirects=False)
    plugin = Apprise.instantiate(_url(contact), asset=asset, suppress_exceptions=True)
    if plugin is None:
        raise NotSent(say("The address of this contact is not one of its service."))
    plugin.verify_certificate, plugin.redirects = True, False
    plugin.socket_connect_timeout, plugin.socket_read_timeout = CONNECT_SECONDS, READ_SECONDS
    if not plugin.notify(body=body, title=title):
        raise NotSent(say("The service {service} did not take the message.", service=contact.service))


def _url(contact: Contact) -> str:
    """The address, which the site must still allow. Raises NotSent."""
    try:
        url = unseal(contact.sealed)
    except Unsealable as error:
        raise NotSent(say("The site's key has changed: remove this contact and add it again.")) from error
    try:
        services.checked(url)
    except Invalid as error:
        raise NotSent(error.detail) from error
    return url
