"""What is shared in these tests, what lies beside it, and links to it."""

from collections.abc import Callable

import pytest

from apps.accounts.models import Practice, User
from apps.accounts.principal import Principal
from apps.sharing.links import Terms, make
from apps.sharing.models import Share
from tests import dicoms
from tests.dicomweb.archive import keep
from tests.sharing.outside import Outside

STUDY, SERIES = dicoms.STUDY_UID, dicoms.SERIES_UID
# Another series of the same study, and another study of the same patient.
BESIDE = dicoms.uid(1, 2)
ELSEWHERE = dicoms.uid(30)
ELSEWHERE_SERIES, ELSEWHERE_INSTANCE = dicoms.uid(30, 1), dicoms.uid(30, 1, 1)

NewLink = Callable[..., str]


@pytest.fixture
def study(practice: Practice) -> str:
    """A study of a CT series of two slices and a secondary capture; and a study beside it, for nobody else."""
    other = dicoms.ct_slice(
        StudyInstanceUID=ELSEWHERE, SeriesInstanceUID=ELSEWHERE_SERIES, SOPInstanceUID=ELSEWHERE_INSTANCE
    )
    beside = dicoms.secondary_capture(SeriesDescription="Beside", SeriesNumber="1", ProtocolName="Beside")
    keep(practice, *dicoms.ct_series(2, SeriesNumber="2"), beside, other)
    return STUDY


@pytest.fixture
def new_link(study: str, user: User) -> NewLink:
    """A new link's address, on these terms: `new_link(password="…", series_instance_uid=SERIES)`."""

    def new(**terms: object) -> str:
        asked = {"recipient": "Dr. Far", "purpose": "second opinion"} | terms
        made = make(Principal.of(user), study, Terms(**asked), source="test")  # type: ignore[arg-type]
        return f"/s/{made.secret}"

    return new


@pytest.fixture
def outside(db: None) -> Outside:
    return Outside()


def share_of(link: str) -> Share:
    """The newest share, which is what the only link of a test is."""
    return Share.objects.latest("pk")


def mounted(link: str) -> str:
    """Where the addresses of the link's share begin."""
    return f"/s/{share_of(link).pk}"
