"""Heavy work in a process of its own: what it answers, what it can't, and that it is gone when nobody wants it."""

import logging
import subprocess
import sys
from typing import Any

import pytest

from apps.analysis.apart.asking import ApartFailed, answer
from apps.analysis.apart.refusing import Unanswerable
from apps.core.languages import translated
from apps.jobs.handle import Cancelled

ERRANDS = "tests.analysis.errands"


def unheard(done: int, total: int) -> None: ...


def test_it_answers_without_the_sites_secrets_and_without_django(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOVEA_SECRET_KEY", "not for strangers")
    heard: list[tuple[int, int]] = []
    found = answer(
        f"{ERRANDS}:add", {"numbers": [1, 2, 3]}, lambda *told: heard.append(told), environment={"TZ": "UTC"}
    )
    assert (found["sum"], found["has_django"]) == (6, False)
    assert set(found["environment"]) <= {"PATH", "LANG", "TZ", "LC_CTYPE"}
    assert (1, 2) in heard


def test_what_has_no_answer_says_why() -> None:
    with pytest.raises(Unanswerable) as caught:
        answer(f"{ERRANDS}:refuse", {}, unheard)
    assert (caught.value.reason, caught.value.values) == ("odd", {"number": 3})


@pytest.mark.parametrize(
    ("function", "kind", "text"),
    [
        ("fail", "ZeroDivisionError", "broke off"),
        ("hoard", "memory", "more memory"),
        ("lack", "missing", "not installed"),
        ("die", "", "broke off"),
        ("none", "AttributeError", "broke off"),
    ],
)
def test_what_breaks_off_quotes_nothing(function: str, kind: str, text: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING), pytest.raises(ApartFailed) as caught:
        answer(f"{ERRANDS}:{function}", {"secret": "Doe^Jane"}, unheard, memory=256 << 20)
    assert caught.value.kind == kind
    assert text in translated(caught.value.detail)
    assert caught.value.status == 500
    assert "Jane" not in caplog.text


def test_it_is_given_up_after_silence() -> None:
    with pytest.raises(ApartFailed) as caught:
        answer(f"{ERRANDS}:sleep", {}, unheard, silence=0.5)
    assert caught.value.kind == "silent"


def test_it_ends_when_nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[Any] = []
    start = subprocess.Popen

    def started(*args: Any, **kwargs: Any) -> Any:
        begun.append(start(*args, **kwargs))
        return begun[-1]

    def listen(done: int, total: int) -> None:
        raise Cancelled

    monkeypatch.setattr(subprocess, "Popen", started)
    with pytest.raises(Cancelled):
        answer(f"{ERRANDS}:sleep", {}, listen)
    assert begun[0].returncode is not None


def test_what_is_heavy_is_in_no_process_that_answers_requests() -> None:
    """All that a web process loads, and none of what segments, measures, prints and listens."""
    code = (
        "import os, sys; os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'tests.settings');"
        " import config.wsgi, config.urls; from apps.analysis import kinds; assert len(kinds.every()) > 3;"
        " print([name for name in ('SimpleITK', 'torch', 'monai', 'scipy', 'highdicom', 'vtkmodules', 'weasyprint',"
        " 'pyhanko', 'pptx', 'segno', 'pocketsphinx', 'faster_whisper', 'vosk')"
        " if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert told.stdout.strip() == "[]"
