"""The verification report of a video as the lines of a table: what was looked at, what was found, what was wanted."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from django.template.defaultfilters import filesizeformat
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.video.conversion.policy import Policy

# H.264's profile_idc, HEVC's general_profile_idc.
PROFILES: Final = {1: "Main", 2: "Main 10", 66: "Constrained Baseline", 77: "Main", 100: "High", 128: "Stereo High"}
HEVC_PROFILES: Final = (1, 2)
# What level_idc counts in: tenths of H.264's levels, thirtieths of HEVC's.
H264_LEVELS: Final = 10
HEVC_LEVELS: Final = 30


@dataclass(frozen=True, slots=True)
class Line:
    """`is_right` is None where nothing was wanted."""

    what: str
    found: str
    wanted: str = ""
    is_right: bool | None = None


def lines_of(report: Mapping[str, Any] | None) -> list[Line]:
    """What `conversion.outcome.Outcome.report` tells; nothing while there is none."""
    if not report:
        return []
    verified = report["verified"]
    return [*_stream(report, verified), *_likeness(verified), *_afterwards(report), *_besides(report)]


def warning_of(report: Mapping[str, Any] | None) -> str:
    """What is to be said of a film that was kept as it came and is damaged; empty for others."""
    damaged = (report or {}).get("afterwards", {}).get("damaged", 0)
    if not damaged:
        return ""
    said = ngettext(
        "%(count)s picture of this film is damaged: the file came so, and is kept as it is.",
        "%(count)s pictures of this film are damaged: the file came so, and is kept as it is.",
        damaged,
    )
    return said % {"count": _count(damaged)}


def _stream(report: Mapping[str, Any], verified: Mapping[str, Any]) -> Iterator[Line]:
    yield _compared(_("Pictures that decode"), _count(verified["frames"]), _count(report["frames"]))
    yield _compared(_("Size"), _size(verified), _size(report))
    yield _compared(_("Pictures a second"), _rate(verified["rate"]), _rate(report["rate"]))
    if verified["profile"]:
        yield Line(_("Profile and level"), _profile(verified["profile"], verified["level"]))
    lost = report["lostFrames"]
    yield Line(_("Pictures that are lost"), _count(lost), _count(0), lost == 0)


def _likeness(verified: Mapping[str, Any]) -> Iterator[Line]:
    compared = _("all pictures") if verified["isWhole"] else _("windows over the whole film")
    if verified["digest"]:
        yield Line(_("The pictures are the file's own, bit for bit"), compared, "", is_right=True)
    if quality := verified["quality"]:
        yield _at_least(_("Likeness on average (PSNR)"), quality["meanPsnr"], Policy().min_mean_psnr, " dB")
        yield _at_least(_("Likeness of the worst picture (PSNR)"), quality["minPsnr"], Policy().min_psnr, " dB")
        yield _at_least(_("Likeness in structure (SSIM)"), quality["ssim"], Policy().min_ssim)
        yield Line(_("Pictures compared one by one"), _count(quality["framesCompared"]))


def _afterwards(report: Mapping[str, Any]) -> Iterator[Line]:
    """Where the whole film was decoded only when it was stored."""
    if afterwards := report.get("afterwards"):
        damaged = afterwards["damaged"]
        what = _("Damaged pictures, the whole film decoded afterwards")
        yield Line(what, _count(damaged), _count(0), damaged == 0)


def _besides(report: Mapping[str, Any]) -> Iterator[Line]:
    size = {"film": filesizeformat(report["bytes"]), "file": filesizeformat(report["sourceBytes"])}
    yield Line(_("Size of the stored film"), _("%(film)s, of a file of %(file)s") % size)
    yield Line(_("Sound"), _sound(report["sound"]))
    if report["encoder"]:
        yield Line(_("Encoder"), report["encoder"])


def _compared(what: str, found: str, wanted: str) -> Line:
    return Line(what, found, wanted, found == wanted)


def _at_least(what: str, found: float, least: float, unit: str = "") -> Line:
    wanted = _("at least %(least)s") % {"least": f"{number_format(least)}{unit}"}
    return Line(what, f"{number_format(found)}{unit}", wanted, found >= least)


def _count(number: int) -> str:
    return str(number_format(number, force_grouping=True))


def _size(told: Mapping[str, Any]) -> str:
    return _("%(columns)s by %(rows)s") % {"columns": told["columns"], "rows": told["rows"]}


def _rate(text: str) -> str:
    """`30000/1001` as 29.97."""
    rate = Fraction(text)
    return str(number_format(rate.numerator if rate.denominator == 1 else round(float(rate), 3)))


def _profile(profile: int, level: int) -> str:
    name = PROFILES.get(profile, str(profile))
    return f"{name} {number_format(level / (HEVC_LEVELS if profile in HEVC_PROFILES else H264_LEVELS), 1)}"


def _sound(sound: Mapping[str, Any] | None) -> str:
    if sound is None:
        return _("none")
    said = _("%(codec)s, %(rate)s Hz, channels: %(channels)s")
    return said % {"codec": sound["codec"], "rate": sound["rate"], "channels": sound["channels"]}
