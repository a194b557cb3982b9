"""Recognisers of free text: which there are, what each is asked, and what is said where a model is missing."""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from pytest_django.fixtures import Settings

from apps.analysis.apart.refusing import Unanswerable
from apps.dictation import engines
from apps.dictation.engines import Engine, ear_for
from apps.dictation.models import Mode
from apps.dictation.recognising import vosk, whisper
from tests.dictation.voices import tone, wav


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if whatever is asked for were installed."""
    monkeypatch.setattr(engines, "find_spec", lambda _: object())


def laid_out(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def test_a_folder_without_a_model_is_told(tmp_path: Path, settings: Settings, installed: None) -> None:
    settings.DICTATION_WHISPER = laid_out(tmp_path / "whisper")
    ear = ear_for(Mode.TEXT, "en")
    assert not ear.is_available
    assert ear.reason == "The folder that FOVEA_DICTATION_WHISPER names holds no model: model.bin is missing."
    laid_out(tmp_path / "whisper", *engines.WHISPER_FILES)
    assert ear_for(Mode.TEXT, "fr").engine == Engine.WHISPER


def test_what_is_not_installed_is_told(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.DICTATION_WHISPER = laid_out(tmp_path, *engines.WHISPER_FILES)
    monkeypatch.setattr(engines, "find_spec", lambda _: None)
    assert (
        ear_for(Mode.TEXT, "en").reason
        == "The recogniser faster_whisper is not installed here (requirements/whisper.txt)."
    )
    assert not ear_for(Mode.COMMANDS, "en").is_available


def test_vosk_has_a_model_for_each_language(tmp_path: Path, settings: Settings, installed: None) -> None:
    settings.DICTATION_VOSK = tmp_path
    laid_out(tmp_path / "fr", *engines.VOSK_FILES)
    assert ear_for(Mode.TEXT, "fr").engine == Engine.VOSK
    assert "no folder es" in ear_for(Mode.TEXT, "es").reason


def test_a_server_needs_networks(settings: Settings) -> None:
    settings.DICTATION_URL = "https://speech.example.org"
    assert "FOVEA_DICTATION_NETWORKS" in ear_for(Mode.TEXT, "en").reason
    settings.DICTATION_NETWORKS = ("192.0.2.0/24",)
    assert ear_for(Mode.TEXT, "zh-hans").engine == Engine.SERVER


@pytest.fixture
def sound(tmp_path: Path) -> dict[str, Any]:
    file = tmp_path / "sound"
    file.write_bytes(wav(tone(1)))
    return {"path": str(file), "model": str(tmp_path), "language": "zh-hans"}


def stand_in(monkeypatch: pytest.MonkeyPatch, name: str, **members: Any) -> None:
    """A library that is not installed here, as far as it is used."""
    module = ModuleType(name)
    vars(module).update(members)
    monkeypatch.setitem(sys.modules, name, module)


class Whisper:
    asked: dict[str, Any] = {}

    def __init__(self, folder: str, **options: Any) -> None:
        Whisper.asked = {"folder": folder, **options}

    def transcribe(self, sound: Any, **options: Any) -> tuple[Iterator[Any], Any]:
        Whisper.asked |= {"sound": sound, **options}
        segment = SimpleNamespace(text=" 没有积液。", start=0.1, end=0.9, avg_logprob=-0.1)
        return iter([segment]), SimpleNamespace(duration=1.0)


def test_whisper_is_asked_offline(sound: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(monkeypatch, "faster_whisper", WhisperModel=Whisper)
    (piece,) = whisper.recognise(sound, lambda *_: None)["pieces"]
    assert (piece["kind"], piece["said"], piece["confidence"]) == ("text", "没有积液。", 0.905)
    assert (Whisper.asked["local_files_only"], Whisper.asked["language"]) == (True, "zh")
    assert Whisper.asked["sound"].dtype == np.float32
    assert np.abs(Whisper.asked["sound"]).max() < 1


def test_whisper_without_a_model_is_told(sound: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("Unable to open file 'model.bin'")

    stand_in(monkeypatch, "faster_whisper", WhisperModel=broken)
    for asked in (sound, {**sound, "model": "/nowhere"}):
        with pytest.raises(Unanswerable, match="no model"):
            whisper.recognise(asked, lambda *_: None)


class Kaldi:
    """Hears two words in the first half second, and nothing later. Its names are the library's."""

    def __init__(self, *_: Any) -> None:
        self.count = 0

    def SetWords(self, _: bool) -> None:  # noqa: N802
        """That it is to say when."""

    def AcceptWaveform(self, data: bytes) -> bool:  # noqa: N802
        self.count += len(data) // 2
        return self.count == vosk.AT_ONCE

    def Result(self) -> str:  # noqa: N802
        return '{"text": "no mass", "result": [{"conf": 1.0, "start": 0.1, "end": 0.4, "word": "no mass"}]}'

    def FinalResult(self) -> str:  # noqa: N802
        return '{"text": ""}'


def test_vosk_is_asked(sound: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(monkeypatch, "vosk", KaldiRecognizer=Kaldi, Model=lambda **_: None, SetLogLevel=lambda _: None)
    (piece,) = vosk.recognise(sound, lambda *_: None)["pieces"]
    assert (piece["said"], piece["start"], piece["end"], piece["confidence"]) == ("no mass", 0.1, 0.4, 1.0)
    with pytest.raises(Unanswerable, match="no model"):
        vosk.recognise({**sound, "model": "/nowhere"}, lambda *_: None)
