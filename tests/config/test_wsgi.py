"""What the server's own WSGI application makes of requests that Django's would not bear."""

from typing import Any

import pytest
from django.test import RequestFactory

from apps.accounts.models import Token, User
from config.wsgi import application


def status_of(address: str, content_type: str, authorization: str) -> int:
    """The status of a POST of some bytes."""
    started: list[Any] = []
    request = RequestFactory().post(address, b"x", "text/plain", HTTP_AUTHORIZATION=authorization)
    environ = request.environ | {"CONTENT_TYPE": content_type}
    application(environ, lambda status, _: started.append(status)).close()
    return int(started[0].split()[0])


@pytest.mark.parametrize("address", ["/dicom-web/studies", "/api/me"])
def test_a_content_type_in_an_unknown_character_set_is_the_clients_error(address: str, user: User) -> None:
    _, secret = Token.issue(user, name="tests")
    assert 400 <= status_of(address, "multipart/related; boundary*=nocharset''x", f"Bearer {secret}") < 500
