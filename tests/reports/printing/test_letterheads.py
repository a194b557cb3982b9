"""Letterheads: whose they are to set, what a logo may be, and how they stand on paper."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.accounts.principal import principal_of
from apps.audit.models import Event
from apps.core.errors import Invalid, Refused
from apps.reports import letterheads, paper
from apps.reports.models import Letterhead
from tests.conftest import client_of
from tests.rights import give

PAGE = "/admin/reports/letterhead/"


def logo(mode: str = "RGB", kind: str = "PNG", size: tuple[int, int] = (40, 20)) -> bytes:
    data = BytesIO()
    Image.new(mode, size, 0).save(data, kind)
    return data.getvalue()


@pytest.fixture
def head(practice: Practice) -> Letterhead:
    return Letterhead.objects.create(practice=practice, name="Lindenhof", address="Weg 4", logo=logo())


def administering(practice: Practice) -> User:
    user = User.objects.create_user("ada", practice=practice, is_staff=True)
    give(user, practice, Permission.ADMINISTER)
    return user


def test_head_is_as_it_was_set(head: Letterhead, practice: Practice) -> None:
    found = paper.letterhead_of(practice)
    assert (found.name, found.address, found.has_logo) == ("Lindenhof", "Weg 4", True)


def test_practice_without_one_has_its_name(practice: Practice) -> None:
    assert paper.letterhead_of(practice).name == practice.name
    assert not paper.letterhead_of(practice).has_logo


def test_another_logo_is_another_head(head: Letterhead, practice: Practice) -> None:
    before = paper.head_digest(practice)
    Letterhead.objects.update(logo=logo(size=(41, 20)))
    assert paper.head_digest(practice) != before


@pytest.mark.parametrize(
    ("mode", "kind"), [("RGB", "JPEG"), ("CMYK", "JPEG"), ("L", "PNG"), ("P", "PNG"), ("1", "PNG")]
)
def test_logos_are_kept_in_the_colours_of_paper(mode: str, kind: str) -> None:
    with Image.open(BytesIO(letterheads.logo_of(logo(mode, kind)))) as kept:
        assert (kept.format, kept.mode, kept.size) == ("PNG", "RGB", (40, 20))


def test_transparency_stays_and_size_is_bounded() -> None:
    with Image.open(BytesIO(letterheads.logo_of(logo("RGBA", size=(2400, 300))))) as kept:
        assert (kept.mode, kept.size) == ("RGBA", (1200, 150))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"<svg onload=alert(1)>", "no PNG or JPEG"),
        (logo(kind="GIF"), "no PNG or JPEG"),
        (logo()[:60], "no PNG or JPEG"),
        (logo("1", size=(5000, 4000)), "million pixels"),
        (b"x" * (letterheads.LOGO_BYTES + 1), "larger than 2 MiB"),
    ],
)
def test_what_is_no_logo_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        letterheads.logo_of(data)


def test_colour_has_to_be_readable(practice: Practice) -> None:
    who = principal_of(administering(practice))
    assert who is not None
    with pytest.raises(Invalid, match="darker"):
        letterheads.save(who, Letterhead(practice=practice, colour="#ffee00"), source="test")
    assert letterheads.contrast("#ffffff") == pytest.approx(1.0)
    assert letterheads.contrast("#000000") == pytest.approx(21.0)


def test_setting_is_for_administrators_and_on_record(head: Letterhead, practice: Practice, stranger: User) -> None:
    who, other = principal_of(administering(practice)), principal_of(stranger)
    assert who is not None
    assert other is not None
    head.footer = "Foot"
    letterheads.save(who, head, source="test")
    assert Event.objects.filter(action=Event.Action.CONFIGURATION, detail="letterhead set").count() == 1
    for refused in (letterheads.save, letterheads.remove):
        with pytest.raises(Refused):
            refused(other, head, source="test")
    letterheads.remove(who, head, source="test")
    assert not Letterhead.objects.exists()


def test_page_is_for_administrators_alone(head: Letterhead, practice: Practice, stranger_client: Client) -> None:
    client = client_of(administering(practice))
    assert client.get(f"{PAGE}{head.pk}/change/").status_code == 200
    User.objects.filter(username="sam").update(is_staff=True)
    assert stranger_client.get(f"{PAGE}{head.pk}/change/").status_code == 404
    assert Client().get(f"{PAGE}{head.pk}/change/").status_code == 302


def test_set_by_the_form(practice: Practice) -> None:
    client = client_of(administering(practice))
    said = {"practice": practice.pk, "name": "Lindenhof", "colour": "#204080", "footer": "Foot"}
    answer = client.post(f"{PAGE}add/", {**said, "new_logo": SimpleUploadedFile("x.jpg", logo(kind="JPEG"))})
    assert answer.status_code == 302, answer.content
    row = Letterhead.objects.get()
    assert bytes(row.logo or b"").startswith(b"\x89PNG")
    assert (
        b"no PNG or JPEG"
        in client.post(f"{PAGE}{row.pk}/change/", {**said, "new_logo": SimpleUploadedFile("x.png", b"<svg>")}).content
    )
    assert client.post(f"{PAGE}{row.pk}/change/", {**said, "without_logo": "on"}).status_code == 302
    assert not Letterhead.objects.get().logo


def test_colour_that_can_not_be_read_is_told_on_the_page(practice: Practice, head: Letterhead) -> None:
    client = client_of(administering(practice))
    answer = client.post(f"{PAGE}{head.pk}/change/", {"name": "x", "colour": "#ffee00"})
    assert b"darker colour" in answer.content
    assert Letterhead.objects.get().colour == "#1f4e79"
