"""High dynamic range as an ordinary screen shows it: a table of colours for FFmpeg's `lut3d`.

PQ and HLG (ITU-R BT.2100) become BT.709. Diffuse white of 203 cd/m² (BT.2408) stays white's neighbour: what is darker
keeps its contrast, what is brighter is rolled off towards 1 instead of being cut. No tool of the library's does it
without libzimg, and swscale's own table takes seconds to make.
"""

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

PQ: Final = 16  # AVCOL_TRC_SMPTE2084
HLG: Final = 18  # AVCOL_TRC_ARIB_STD_B67
_SIDE: Final = 33
_WHITE: Final = 203.0  # cd/m²
_PEAK: Final = 1000.0 / _WHITE
_KNEE: Final = 0.75
_BT2020_TO_709: Final = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]]
)  # BT.2087
_LUMA: Final = np.array([0.2627, 0.6780, 0.0593])

Colours = NDArray[np.float64]


def write_table(transfer: int, target: Path) -> None:
    """Write the table for a transfer characteristic (PQ, HLG) as a `.cube` file of 33 steps a side."""
    steps = np.linspace(0.0, 1.0, _SIDE)
    blue, green, red = np.meshgrid(steps, steps, steps, indexing="ij")
    colours = shown(np.stack([red, green, blue], axis=-1).reshape(-1, 3), transfer)
    lines = [f"LUT_3D_SIZE {_SIDE}", *(f"{r:.6f} {g:.6f} {b:.6f}" for r, g, b in colours)]
    target.write_text("\n".join(lines) + "\n", encoding="ascii")


def shown(signal: Colours, transfer: int) -> Colours:
    """BT.2020 signal values (…, 3), 0 to 1, as BT.709 signal values."""
    light = _rolled_off(_light(signal, transfer))
    return _signal(np.clip(light @ _BT2020_TO_709.T, 0.0, 1.0))


def _light(signal: Colours, transfer: int) -> Colours:
    """Displayed light in parts of diffuse white."""
    return _pq_light(signal) if transfer == PQ else _hlg_light(signal)


def _pq_light(signal: Colours) -> Colours:
    """BT.2100 table 4."""
    root = signal ** (1 / 78.84375)
    return np.asarray(
        10000 / _WHITE * (np.maximum(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)) ** (1 / 0.1593017578125)
    )


def _hlg_light(signal: Colours) -> Colours:
    """BT.2100 table 5, on a screen of 1000 cd/m² (system gamma 1.2)."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - c) / a) + b) / 12)
    luma = np.maximum(scene @ _LUMA, 1e-9)[..., None]
    return np.asarray(_PEAK * scene * luma**0.2)


def _rolled_off(light: Colours) -> Colours:
    """Bright colours darkened as wholes, so that their hue stays: straight up to the knee, then asymptotically to 1."""
    brightest = np.maximum(light.max(axis=-1, keepdims=True), 1e-9)
    room = 1 - _KNEE
    above = np.maximum(brightest - _KNEE, 0)
    target = np.where(brightest <= _KNEE, brightest, _KNEE + room * above / (above + room))
    return np.asarray(light * target / brightest)


def _signal(light: Colours) -> Colours:
    """For a screen of BT.1886."""
    return np.asarray(light ** (1 / 2.4))
