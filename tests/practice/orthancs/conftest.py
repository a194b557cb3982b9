"""An Orthanc that a practice trusts, and what answers in its place."""

from collections.abc import Iterator

import pytest

from apps.accounts.models import Practice
from apps.core.sealed import seal
from apps.practice.models import Orthanc
from apps.practice.orthancs import refusals
from tests.practice.orthancs.calling import SECRET
from tests.practice.orthancs.peer import Peer, serving


@pytest.fixture(autouse=True)
def nobody_refused() -> None:
    refusals.forget_all()


@pytest.fixture
def peer() -> Iterator[Peer]:
    with serving() as peer:
        yield peer


@pytest.fixture
def orthanc(practice: Practice) -> Orthanc:
    """One that is never asked."""
    return Orthanc.objects.create(
        practice=practice, name="Imaging centre", url="http://127.0.0.1:9", signing_secret=seal(SECRET)
    )


@pytest.fixture
def there(orthanc: Orthanc, peer: Peer) -> Orthanc:
    """One that answers."""
    orthanc.url = f"http://127.0.0.1:{peer.port}"
    orthanc.save()
    return orthanc
