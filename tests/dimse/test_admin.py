"""The page of storage commitments: what administrators see and may do there."""

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.dimse.models import Commitment, CommitmentState
from apps.jobs.models import Job
from apps.remotes.models import Remote
from tests.conftest import client_of
from tests.dimse import nodes
from tests.dimse.test_commitment import MISSING, TRANSACTION
from tests.rights import give

PAGE = reverse("admin:dimse_commitment_changelist")


@pytest.fixture
def commitment(practice: Practice) -> Commitment:
    """One that was given up."""
    remote: Remote = nodes.add_remote(practice, "PANORAMIC")
    return Commitment.objects.create(
        remote=remote, practice=practice, called=nodes.OURS, transaction_uid=TRANSACTION, references=[MISSING],
        instances=1, failed=1, attempts=9, state=CommitmentState.GIVEN_UP, error="PANORAMIC does not answer.",
    )  # fmt: skip


def staff_who(practice: Practice, *permissions: Permission) -> Client:
    user = User.objects.create_user("stan", practice=practice, is_staff=True)
    give(user, practice, *permissions)
    return client_of(user)


def try_again(client: Client, commitment: Commitment) -> int:
    return client.post(PAGE, {"action": "tell_again", "_selected_action": [commitment.pk]}).status_code


def test_an_administrator_sees_what_waits_and_why(practice: Practice, commitment: Commitment) -> None:
    administrator = staff_who(practice, Permission.ADMINISTER)
    content = administrator.get(PAGE).content.decode()
    for text in ("PANORAMIC", "Given up", "0 kept, 1 not", "after 9 in vain", "PANORAMIC does not answer."):
        assert text in content
    page = reverse("admin:dimse_commitment_change", args=[commitment.pk])
    assert TRANSACTION in administrator.get(page).content.decode()


def test_trying_again_calls_the_remote_again(practice: Practice, commitment: Commitment) -> None:
    try_again(staff_who(practice, Permission.ADMINISTER), commitment)
    commitment.refresh_from_db()
    assert (commitment.state, commitment.attempts) == (CommitmentState.WAITING, 0)
    assert Job.objects.get().parameters == {"commitment": commitment.pk}


def test_who_may_not_administer_sees_no_page(practice: Practice, commitment: Commitment) -> None:
    client = staff_who(practice, *(set(Permission) - {Permission.ADMINISTER}))
    assert client.get(PAGE).status_code == 403
    assert try_again(client, commitment) == 403


def test_another_practice_s_administrator_sees_and_does_nothing(
    other_practice: Practice, commitment: Commitment
) -> None:
    client = staff_who(other_practice, Permission.ADMINISTER)
    assert "PANORAMIC" not in client.get(PAGE).content.decode()
    try_again(client, commitment)
    commitment.refresh_from_db()
    assert commitment.state == CommitmentState.GIVEN_UP


def test_nobody_is_sent_to_sign_in(anonymous: Client, commitment: Commitment) -> None:
    assert anonymous.get(PAGE).status_code == 302
