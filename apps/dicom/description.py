"""What the Image Pixel module says about the pixels of an image (PS3.3 C.7.6.3), checked."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from apps.dicom.attributes import Attributes, integer, text
from apps.saying import say

FloatKind: TypeAlias = Literal["float", "double"]

FLOAT_PIXEL_DATA = "7FE00008"
DOUBLE_FLOAT_PIXEL_DATA = "7FE00009"
PIXEL_DATA = "7FE00010"

# Twice the largest radiograph or slide tile there is; a decoder may need four bytes for each.
MAX_SAMPLES = 2**27
MAX_SIDE = 65535


class Undecodable(ValueError):
    """The pixels can't be decoded; the text says why in words for the person who asked for the image."""


@dataclass(frozen=True, slots=True)
class PixelDescription:
    """The form of one frame's pixels: all numbers as in the Image Pixel module, absent ones filled in.

    `float_kind` is "float" for Float Pixel Data, "double" for Double Float Pixel Data, else None.
    `pixel_vr` is the VR of Pixel Data where known ("OB", "OW"), which says how 8-bit big endian is swapped.
    """

    rows: int
    columns: int
    samples_per_pixel: int
    photometric_interpretation: str
    bits_allocated: int
    bits_stored: int
    high_bit: int
    pixel_representation: int
    planar_configuration: int
    number_of_frames: int
    float_kind: FloatKind | None = None
    pixel_vr: str = ""

    @classmethod
    def from_attributes(cls, attributes: Attributes) -> "PixelDescription":
        """Read the description from a header in the DICOM JSON Model.

        Raises Undecodable when the size is missing, impossible or over MAX_SAMPLES, or the form is unknown.
        """
        samples = integer(attributes, "00280002") or 1
        kind = _float_kind(attributes)
        allocated = integer(attributes, "00280100") or {None: 0, "float": 32, "double": 64}[kind]
        stored = integer(attributes, "00280101") or allocated
        high_bit = integer(attributes, "00280102")
        description = cls(
            rows=integer(attributes, "00280010") or 0,
            columns=integer(attributes, "00280011") or 0,
            samples_per_pixel=samples,
            photometric_interpretation=_photometric_interpretation(attributes, samples),
            bits_allocated=allocated,
            bits_stored=stored,
            high_bit=max(stored - 1, high_bit if high_bit is not None else 0),
            pixel_representation=integer(attributes, "00280103") or 0,
            planar_configuration=integer(attributes, "00280006") or 0,
            number_of_frames=max(1, integer(attributes, "00280008") or 1),
            float_kind=kind,
            pixel_vr=str(attributes.get(PIXEL_DATA, {}).get("vr", "")),
        )
        description.check()
        return description

    @property
    def samples(self) -> int:
        """The count of samples in a frame."""
        return self.rows * self.columns * self.samples_per_pixel

    @property
    def is_signed(self) -> bool:
        """Whether the stored values are two's complement."""
        return self.pixel_representation == 1

    def check(self) -> None:
        """Raise Undecodable unless the description is possible and within the bounds on size."""
        if not (0 < self.rows <= MAX_SIDE and 0 < self.columns <= MAX_SIDE):
            raise Undecodable(
                say(
                    "The image has no valid size ({rows} rows, {columns} columns).",
                    rows=self.rows,
                    columns=self.columns,
                )
            )
        if self.samples_per_pixel not in (1, 3):
            raise Undecodable(
                say(
                    "Images with {samples_per_pixel} samples per pixel are not supported.",
                    samples_per_pixel=self.samples_per_pixel,
                )
            )
        if self.samples > MAX_SAMPLES:
            raise Undecodable(
                say(
                    "The image of {rows} x {columns} pixels is larger than {max_samples} samples.",
                    rows=self.rows,
                    columns=self.columns,
                    max_samples=MAX_SAMPLES,
                )
            )
        self._check_bits()

    def _check_bits(self) -> None:
        allowed = {None: (1, 8, 16, 32), "float": (32,), "double": (64,)}[self.float_kind]
        if self.bits_allocated not in allowed:
            raise Undecodable(
                say(
                    "Pixels of {bits_allocated} bits (Bits Allocated) are not supported.",
                    bits_allocated=self.bits_allocated,
                )
            )
        if not 0 < self.bits_stored <= self.bits_allocated or self.high_bit >= self.bits_allocated:
            raise Undecodable(
                say(
                    "Bits Stored {bits_stored} and High Bit {high_bit} don't fit into Bits Allocated {bits_allocated}.",
                    bits_stored=self.bits_stored,
                    high_bit=self.high_bit,
                    bits_allocated=self.bits_allocated,
                )
            )
        if self.bits_allocated == 1 and self.samples_per_pixel != 1:
            raise Undecodable(say("Colour pixels of one bit are not supported."))


def _float_kind(attributes: Attributes) -> FloatKind | None:
    if FLOAT_PIXEL_DATA in attributes:
        return "float"
    if DOUBLE_FLOAT_PIXEL_DATA in attributes:
        return "double"
    if PIXEL_DATA in attributes or "00280101" in attributes:
        return None
    # A header stored without its pixel data: only float pixels have no Bits Stored (PS3.3 C.7.6.24).
    kinds: dict[int | None, FloatKind] = {32: "float", 64: "double"}
    return kinds.get(integer(attributes, "00280100"))


def _photometric_interpretation(attributes: Attributes, samples: int) -> str:
    return text(attributes, "00280004").upper() or ("MONOCHROME2" if samples == 1 else "RGB")
