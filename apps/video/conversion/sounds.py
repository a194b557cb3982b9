"""Which sounds may be beside pictures (PS3.5 8.2.12; 8.2.5 for MPEG-2), by the table."""

from dataclasses import dataclass

from apps.video.streams.facts import Sound

_LAYER_3 = tuple(1000 * rate for rate in (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320))
_LAYER_2 = (*(rate for rate in _LAYER_3 if rate not in (40_000, 320_000)), 320_000, 384_000)
_MPEG_RATES = (32_000, 44_100, 48_000)


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of the table: rates are of samples and, where they must be constant, of bits; both a second."""

    containers: tuple[str, ...]
    rates: tuple[int, ...]
    channels: tuple[int, ...]
    most: int  # bits a second
    constant: tuple[int, ...] = ()  # the rates of bits that a constant one can have


_ROWS = {
    "aac": _Row(("mp4", "mpegts"), (48_000,), (2, 6), 640_000),
    "mp3": _Row(("mp4", "mpegts"), _MPEG_RATES, (1, 2), 320_000, _LAYER_3),
    "mp2": _Row(("mp4", "mpegts"), _MPEG_RATES, (2,), 384_000, _LAYER_2),
    "ac3": _Row(("mpegts",), (48_000,), (2, 6), 640_000),
    "pcm_bluray": _Row(("mpegts",), (48_000, 96_000), (2,), 4_608_000),
}
_BESIDE_MPEG2 = ("mp3",)


def is_legal(sound: Sound, container: str, *, is_mpeg2: bool = False) -> bool:
    """Whether the sound may stay as it is in a `container` (mp4 or mpegts).

    AAC must be of Low Complexity. A rate of bits that the file doesn't tell is not taken for a legal one where it has
    to be constant.
    """
    row = _ROWS.get(sound.codec)
    if row is None or (is_mpeg2 and sound.codec not in _BESIDE_MPEG2) or container not in row.containers:
        return False
    if sound.codec == "aac" and sound.profile not in ("", "LC"):
        return False
    return sound.rate in row.rates and sound.channels in row.channels and _is_rate_legal(sound.bit_rate, row)


def _is_rate_legal(rate: int | None, row: _Row) -> bool:
    if row.constant:
        return rate in row.constant
    return rate is None or rate <= row.most
