"""Every flag and every reason is said to people."""

import pytest

from apps.saying import Sentence
from apps.volumes.geometry.flags import HARMLESS, Flag
from apps.volumes.geometry.stacks import Reason
from apps.volumes.geometry.wording import flag_text, reason_text


@pytest.mark.parametrize("flag", Flag)
def test_a_flag_says_what_it_means(flag: Flag) -> None:
    text = flag_text(flag)
    assert isinstance(text, Sentence)
    assert ("measure" in text) == (flag not in HARMLESS)


@pytest.mark.parametrize("reason", Reason)
def test_a_reason_counts_what_it_is_about(reason: Reason) -> None:
    assert reason_text(reason, 1).startswith("1 ")
    assert reason_text(reason, 17).startswith("17 ")
    assert reason_text(reason, 17).plural


def test_no_two_are_said_alike() -> None:
    assert len({str(flag_text(flag)) for flag in Flag}) == len(Flag)
    assert len({str(reason_text(reason, 2)) for reason in Reason}) == len(Reason)
