"""What each codec's transfer syntaxes allow (PS3.5 8.2.1 and 8.2.5 to 8.2.11): whether coded pictures can stay."""

from collections.abc import Callable
from fractions import Fraction

from apps.saying import say
from apps.video.conversion import syntaxes
from apps.video.conversion.grounds import Facts, Kept, Obstacle
from apps.video.conversion.policy import Hevc, Mjpeg
from apps.video.conversion.shaping import HEVC_MAIN, HIGH
from apps.video.streams.facts import Chroma, Pictures, Stereo

_BASELINE, _MAIN, _STEREO_HIGH = 66, 77, 128
_CONSTRAINED = 0x40  # constraint_set1_flag
# The codes of profiles and levels (ISO/IEC 13818-2, 8): what conforms to a lower one conforms to a higher one.
_MPEG2_PROFILES = (4, 5)  # Main, Simple
_MPEG2_MAIN_LEVELS = (8, 10)  # Main, Low
_MPEG2_HIGH_LEVELS = (4, 6, *_MPEG2_MAIN_LEVELS)  # High, High-1440
_HEVC_MAIN10, _HEVC_LEVEL = 2, 153
_JPEG_BASELINE = 192
_PAL, _NTSC = Fraction(25), Fraction(30)
_NTSC_FRAMES, _NTSC_FIELDS = Fraction(30000, 1001), Fraction(60000, 1001)
# PS3.5 8.2.6: columns and pictures a second by rows.
_HIGH_COLUMNS = {720: 1280, 1080: 1920}
_HIGH_RATES = {720: (25, _NTSC_FRAMES, 30, 50, _NTSC_FIELDS, 60), 1080: (25, _NTSC_FRAMES, 30)}


def kept(facts: Facts) -> Kept | Obstacle:
    """How the pictures could stay, or why they can't."""
    return _KEEPERS.get(facts.pictures.codec, _never)(facts)


def _never(facts: Facts) -> Obstacle:
    return Obstacle("", say("DICOM has no transfer syntax for {codec}.", codec=facts.pictures.codec))


def _colour(facts: Facts, bits: int = 8) -> Obstacle | None:
    pictures = facts.pictures
    if pictures.chroma is Chroma.HALF and pictures.bits == bits:
        return None
    return Obstacle(
        "420",
        say(
            "The colours are sampled {chroma} with {bits} bits, which the transfer syntax doesn't allow.",
            chroma=str(pictures.chroma),
            bits=pictures.bits,
        ),
    )


def _h264(facts: Facts) -> Kept | Obstacle:
    """High@4.1, High@4.2, its two stereo kinds (PS3.5 8.2.7 to 8.2.11), and what a truthful SPS makes one of them."""
    pictures, needed = facts.pictures, facts.scan.needed_level
    if obstacle := _colour(facts):
        return obstacle
    if pictures.stereo is Stereo.MULTIVIEW:
        return _multiview(pictures)
    if not _can_be_high(facts):
        return Obstacle("", say("H.264 of profile {profile} is not allowed.", profile=pictures.profile))
    if max(needed, 0 if needed else pictures.level) > 42:
        return Obstacle("scale", say("There are more pixels a second than H.264 of level 4.2 allows."))
    level = _true_level(pictures.level, needed)
    is_packed = pictures.stereo is Stereo.FRAME_PACKED
    flat = syntaxes.H264_HIGH_41 if level <= 41 else syntaxes.H264_HIGH_42
    told = (pictures.profile, pictures.level) == (HIGH, level)
    return Kept(
        syntaxes.H264_HIGH_42_3D if is_packed else flat,
        profile=0 if told else HIGH,
        level=0 if told else level,
    )


def _multiview(pictures: Pictures) -> Kept | Obstacle:
    if pictures.profile == _STEREO_HIGH and pictures.level <= 42:
        return Kept(syntaxes.H264_STEREO_42)
    return Obstacle("", say("H.264 of profile {profile} is not allowed.", profile=pictures.profile))


def _can_be_high(facts: Facts) -> bool:
    """Whether the stream is of the High profile or of one that it includes (ISO/IEC 14496-10, A.2).

    The whole Baseline profile has what High has not, and FFmpeg doesn't decode: it is taken where all was decoded.
    """
    if is_full_baseline(facts.pictures):
        return facts.damage is not None and not facts.damage.errors
    return facts.pictures.profile in (_BASELINE, _MAIN, HIGH)


def is_full_baseline(pictures: Pictures) -> bool:
    return pictures.codec == "h264" and pictures.profile == _BASELINE and not pictures.constraints & _CONSTRAINED


def _true_level(declared: int, needed: int) -> int:
    """The level to declare: the declared one, unless it is more than 4.2 or hides that 4.1 doesn't do."""
    if declared > 42:
        return 41 if needed <= 41 else 42
    return 42 if needed > 41 else declared


def _hevc(facts: Facts) -> Kept | Obstacle:
    """Main@5.1 and Main10@5.1 of the Main tier (PS3.5 8.2.10, 8.2.11)."""
    pictures = facts.pictures
    if facts.policy.hevc is Hevc.H264:
        return Obstacle("", say("The pictures are HEVC, and H.264 is wanted."))
    is_ten = pictures.profile == _HEVC_MAIN10
    if obstacle := _colour(facts, 10 if is_ten else 8):
        return obstacle
    if pictures.profile not in (HEVC_MAIN, _HEVC_MAIN10) or pictures.constraints or pictures.is_interlaced:
        return Obstacle("", say("HEVC of profile {profile} is not allowed.", profile=pictures.profile))
    if pictures.level > _HEVC_LEVEL:
        return Obstacle("scale", say("There are more pixels a second than HEVC of level 5.1 allows."))
    return Kept(syntaxes.HEVC_MAIN10_51 if is_ten else syntaxes.HEVC_MAIN_51)


def _mpeg2(facts: Facts) -> Kept | Obstacle:
    """Main profile at main or high level, in the sizes and rates of the tables (PS3.5 8.2.5, 8.2.6)."""
    pictures = facts.pictures
    if obstacle := _colour(facts):
        return obstacle
    container = "mpegts" if facts.has_kept_sound else "mpegvideo"
    if pictures.profile in _MPEG2_PROFILES:
        if pictures.level in _MPEG2_MAIN_LEVELS and _is_main_size(pictures, facts.rate):
            return Kept(syntaxes.MPEG2_MAIN, container)
        if pictures.level in _MPEG2_HIGH_LEVELS and _is_high_size(pictures, facts.rate):
            return Kept(syntaxes.MPEG2_HIGH, container)
    return Obstacle(
        "",
        say(
            "MPEG-2 with {columns} by {rows} pixels at this rate is not allowed.",
            columns=pictures.columns,
            rows=pictures.rows,
        ),
    )


def _is_main_size(pictures: Pictures, rate: Fraction) -> bool:
    if pictures.columns > 720:
        return False
    return (pictures.rows <= 480 and rate <= _NTSC) or (pictures.rows <= 576 and rate <= _PAL)


def _is_high_size(pictures: Pictures, rate: Fraction) -> bool:
    is_allowed = _HIGH_COLUMNS.get(pictures.rows) == pictures.columns and rate in _HIGH_RATES[pictures.rows]
    return is_allowed and not (pictures.rows == 720 and pictures.is_interlaced)


def _mjpeg(facts: Facts) -> Kept | Obstacle:
    """JPEG Baseline, a frame for each picture (PS3.5 8.2.1, A.4.1)."""
    pictures = facts.pictures
    if facts.policy.mjpeg is Mjpeg.H264:
        return Obstacle("", say("The pictures are Motion JPEG, and H.264 is wanted."))
    if facts.has_kept_sound:
        return Obstacle("", say("The sound is to be kept, and single JPEGs can have none."))
    if pictures.is_interlaced:
        return Obstacle("deinterlace", say("Each of the pictures is two JPEGs, one for each field."))
    is_coloured = pictures.chroma in (Chroma.HALF, Chroma.WIDE, Chroma.FULL)
    if pictures.bits != 8 or not is_coloured or pictures.profile not in (0, _JPEG_BASELINE):
        return Obstacle("420", say("The JPEGs are not of the baseline kind."))
    return Kept(syntaxes.JPEG_BASELINE, "jpeg")


_KEEPERS: dict[str, Callable[[Facts], Kept | Obstacle]] = {
    "h264": _h264,
    "hevc": _hevc,
    "mpeg2video": _mpeg2,
    "mjpeg": _mjpeg,
}
