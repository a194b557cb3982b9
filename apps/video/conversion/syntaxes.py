"""The transfer syntaxes of video (PS3.5 8.2.5 to 8.2.11, A.4.6 to A.4.12), and which of them comes in fragments."""

_ROOT = "1.2.840.10008.1.2.4."
JPEG_BASELINE = _ROOT + "50"
MPEG2_MAIN = _ROOT + "100"  # MP@ML
MPEG2_HIGH = _ROOT + "101"  # MP@HL
H264_HIGH_41 = _ROOT + "102"
H264_HIGH_42 = _ROOT + "104"
H264_HIGH_42_3D = _ROOT + "105"  # two views in each picture
H264_STEREO_42 = _ROOT + "106"
HEVC_MAIN_51 = _ROOT + "107"
HEVC_MAIN10_51 = _ROOT + "108"

# As long as one fragment can be: an item's length is 32 bits, even, and not FFFFFFFFH (PS3.5 A.4).
LARGEST_FRAGMENT = (1 << 32) - 2
_OF_THEIR_OWN = (JPEG_BASELINE, HEVC_MAIN_51, HEVC_MAIN10_51)  # no other syntax says that there are several fragments


def for_size(syntax: str, size: int, largest: int = LARGEST_FRAGMENT) -> str:
    """The syntax for a stream of `size` bytes: the fragmentable variant only where it must be (PS3.5 8.2.5, 8.2.7).

    Viewers know few of the variants.
    """
    return syntax if size <= largest or syntax in _OF_THEIR_OWN else syntax + ".1"
