"""SMS and chat by Apprise: to a service of the suite's own, and no further than the site allows."""

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive.models import Study
from apps.core.errors import Conflict, Invalid
from apps.core.sealed import unseal
from apps.jobs.handle import JobHandle
from apps.notifications import chat, personal, sending, services
from apps.notifications.kinds import Channel, Kind
from apps.notifications.models import Contact, Delivery, DeliveryState, Policy
from tests.notifications.conftest import Person, settle
from tests.notifications.servers import ChatServer, running

TELEGRAM = "tgram://123456789:abcdefghijklmnopqrstuvwxyz012345678/12345"


@pytest.fixture
def chatter(person: Person, mail_site: Settings) -> User:
    made = person("cleo", Permission.VIEW)
    personal.choose(made.pk, {(Kind.NEW_STUDY, Channel.CHAT): True})
    return made


@pytest.fixture
def service(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[ChatServer]:
    """A service that the site allows, at an address that would otherwise not be called."""
    settings.NOTIFY_SERVICES = ["json", "tgram"]
    monkeypatch.setattr(services, "_is_forbidden", lambda _: False)
    server = ChatServer()
    with running(server):
        yield server


def add(user: User, url: str, name: str = "My phone") -> Contact:
    return personal.add_contact(Principal.of(user), name, url, source="test")


def at(service: ChatServer) -> str:
    return f"json://127.0.0.1:{service.server_address[1]}/hook"


def send(user: User) -> sending.Sent:
    return sending.send(JobHandle(1, 1), user.pk)


def test_it_arrives_without_the_patient(chatter: User, study: Study, service: ChatServer) -> None:
    contact = add(chatter, at(service))
    settle(study)
    assert send(chatter) == sending.Sent(1, 0)
    (told,) = service.told
    assert told["title"] == "North: A new study has arrived."
    assert told["message"] == f"https://fovea.example.org/admin/archive/study/{study.pk}/change/"
    assert "Xanthippe" not in str(told)
    contact.refresh_from_db()
    assert contact.sent_at is not None


def test_it_names_the_patient_where_the_practice_lets_it(chatter: User, study: Study, service: ChatServer) -> None:
    Policy.objects.create(practice=study.practice, by_chat=True)
    add(chatter, at(service))
    settle(study)
    send(chatter)
    assert "Doe, Xanthippe" in service.told[0]["message"]


def test_what_is_not_taken_is_tried_again(chatter: User, study: Study, service: ChatServer) -> None:
    contact = add(chatter, at(service))
    service.status = 500
    settle(study)
    assert send(chatter) == sending.Sent(0, 1)
    contact.refresh_from_db()
    assert contact.error == "The service json did not take the message."
    assert Delivery.objects.get().state == DeliveryState.WAITING


def test_a_redirection_is_not_followed(chatter: User, study: Study, service: ChatServer) -> None:
    elsewhere = ChatServer()
    with running(elsewhere):
        service.status, service.leads_to = 307, f"http://127.0.0.1:{elsewhere.server_address[1]}/"
        contact = add(chatter, at(service))
        with pytest.raises(chat.NotSent):
            chat.send(contact, "title", "body")
    assert service.told
    assert not elsewhere.told


def test_a_service_that_is_no_longer_allowed_gets_nothing(
    chatter: User, study: Study, service: ChatServer, settings: Settings
) -> None:
    contact = add(chatter, at(service))
    settings.NOTIFY_SERVICES = ["tgram"]
    with pytest.raises(chat.NotSent, match="json is not among the services"):
        chat.send(contact, "title", "body")
    assert not service.told


def test_a_test_message_tells_whether_it_works(chatter: User, service: ChatServer) -> None:
    contact = add(chatter, at(service))
    sending.test(contact)
    assert service.told[0]["title"] == "A message from Fovea"
    service.status = 403
    with pytest.raises(chat.NotSent):
        sending.test(contact)
    contact.refresh_from_db()
    assert contact.error


def test_an_address_is_sealed(chatter: User) -> None:
    contact = add(chatter, TELEGRAM)
    assert "abcdefgh" not in contact.sealed
    assert unseal(contact.sealed) == TELEGRAM


def test_contacts_are_few_and_have_names_of_their_own(chatter: User) -> None:
    for number in range(personal.MOST_CONTACTS):
        add(chatter, TELEGRAM, f"Phone {number}")
    with pytest.raises(Conflict, match="You have 5 contacts"):
        add(chatter, TELEGRAM, "One more")
    Contact.objects.filter(name="Phone 1").delete()
    with pytest.raises(Conflict, match="of this name"):
        add(chatter, TELEGRAM, "Phone 0")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "no address",
        "http://127.0.0.1/",
        "json://127.0.0.1/",
        "mailto://me:secret@example.org",
        "file:///etc/passwd",
        "tgram://123/456?template=/etc/passwd",
        "tgram://123/456?verify=no",
        "tgram://123/456?rto=86400",
        "tgram://123/456?%76erify=no",
        f"tgram://{'1' * 1000}",
        "tgram://123/456\r\njson://127.0.0.1",
    ],
)
def test_what_is_not_allowed_is_refused(practice: Practice, chatter: User, url: str) -> None:
    with pytest.raises(Invalid):
        add(chatter, url)
    assert not Contact.objects.exists()


@pytest.mark.parametrize(
    "url", ["json://127.0.0.1/", "json://[::1]/", "json://169.254.169.254/", "json://0.0.0.0/", "json://[::ffff:127.0.0.1]/",
            "json://localhost/", "json://224.0.0.1/", "json://"]
)  # fmt: skip
def test_a_service_anywhere_is_never_this_machine(settings: Settings, url: str) -> None:
    settings.NOTIFY_SERVICES = ["json"]
    with pytest.raises(Invalid, match="must not be called"):
        services.checked(url)


def test_the_servers_of_what_is_allowed_are_known() -> None:
    """Apprise knows all of them, by these names, over TLS."""
    from apprise.manager_plugins import NotificationManager

    known = set(NotificationManager().schemas())
    assert known >= services.FIXED
