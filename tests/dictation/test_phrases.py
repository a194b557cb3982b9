"""What the bundled recogniser hears of voices that it was not made ready for, and what it lets be."""

from pathlib import Path
from typing import Final

import numpy as np
import pytest

from apps.dictation.recognising.commands import COMMANDS, MACRO, SIGNS
from apps.dictation.recognising.phrases import Recogniser, meanings_of, recognise
from apps.dictation.recognising.pieces import PieceKind
from apps.dictation.recognising.sounds import RATE, Samples
from tests.dictation.voices import HELD_OUT, noisy, spoken, wav

NAMES: Final = (
    "Normal chest", "No acute findings", "Degenerative changes", "Normal dental panoramic", "Pleural effusion",
    "Apical periodontitis", "Impacted third molar", "Osteophytes at L5",
)  # fmt: skip
OTHERS: Final = (
    "the lungs are clear", "she was born in may", "how are you doing", "we are late again", "no mass is seen",
    "somebody left a bag", "the film is too dark", "what a lovely view",
)  # fmt: skip


@pytest.fixture(scope="module")
def phrases() -> list[tuple[str, str]]:
    return [(name, f"{name}.") for name in NAMES]


def heard(sound: Samples, phrases: list[tuple[str, str]], folder: Path) -> list[tuple[str, str]]:
    """The kind of each piece, and what was said."""
    file = folder / "sound.wav"
    file.write_bytes(wav(sound))
    found = recognise({"path": str(file), "phrases": phrases}, lambda *_: None)["pieces"]
    return [(piece["kind"], piece["said"]) for piece in found]


@pytest.mark.one_database
def test_held_out_voices_are_understood(phrases: list[tuple[str, str]], tmp_path: Path) -> None:
    said = {
        **{text: ("command", text) for text in COMMANDS}, **{text: ("text", text) for text in SIGNS},
        **{f"{MACRO} {name}": ("phrase", name) for name in NAMES},
    }  # fmt: skip
    right = count = 0
    for number, voice in enumerate(HELD_OUT):
        texts = list(said)[number :: len(HELD_OUT)]
        found = heard(spoken(texts, voice, tmp_path), phrases, tmp_path)
        assert len(found) == len(texts)
        right += sum(one == said[text] for one, text in zip(found, texts, strict=True))
        count += len(texts)
    assert right >= 0.95 * count


@pytest.mark.one_database
def test_other_words_are_no_commands(phrases: list[tuple[str, str]], tmp_path: Path) -> None:
    found = heard(spoken(OTHERS, HELD_OUT[0], tmp_path), phrases, tmp_path)
    assert len(found) == len(OTHERS)
    assert sum(kind != PieceKind.UNHEARD for kind, _ in found) <= 1


@pytest.mark.one_database
def test_noise_says_nothing(phrases: list[tuple[str, str]]) -> None:
    recogniser = Recogniser(meanings_of(phrases))
    times = np.arange(2 * RATE) / RATE
    sounds = (
        noisy(np.zeros(2 * RATE, np.int16), 2000),
        noisy((3000 * np.sin(2 * np.pi * 50 * times)).astype(np.int16), 300),
        (8000 * np.sin(2 * np.pi * 440 * times)).astype(np.int16),
    )
    for sound in sounds:
        found = recogniser.hear(sound)
        assert found is None or found.confidence < 0.5


def test_silence_is_no_utterance(tmp_path: Path) -> None:
    assert heard(np.zeros(3 * RATE, np.int16), [], tmp_path) == []


def test_each_utterance_has_one_meaning() -> None:
    meanings = meanings_of([("Chest, normal", "one"), ("chest normal", "two"), ("胸部", "three"), ("", "four")])
    assert meanings["macro", "chest", "normal"].text == "one"
    assert meanings["next", "field"].command == "nextField"
    assert meanings["new", "paragraph"].text == "\n\n"
    assert len(meanings) == len(COMMANDS) + len(SIGNS) + 1


def test_names_can_not_change_the_grammar() -> None:
    (name,) = set(meanings_of([("x; public <utterance> = yes | (no)", "")])) - set(meanings_of([]))
    assert name == ("macro", "x", "public", "utterance", "yes", "no")
