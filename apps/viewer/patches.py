"""What is changed in OHIF's own files: their addresses, and code that our Content-Security-Policy forbids.

Every patch states how often it must match, so that another version of OHIF fails here and not in a browser.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from apps.viewer.package import BuildError
from apps.viewer.recipe import javascript
from apps.viewer.said import SAID

# The most characters between the begin and the end of a function that is rewritten.
MAX_FUNCTION: Final = 8000
# By the name of what we put instead: how the original begins and ends, and how often it is there.
COMPILING: Final[dict[str, tuple[str, str, int]]] = {
    "createNamedFunction": (r"function createNamedFunction\(name, ?body\)", r"\)\(body\);?\s*\}", 11),
    "craftInvokerFunction": (
        r"function craftInvokerFunction\(",
        r"return (?:invokerFunction|createNamedFunction\(humanName,invokerFn\));?\s*\}",
        13,
    ),
    "craftEmvalAllocator": (r"function craftEmvalAllocator\(", r",functionBody\)\([\w,.]+\)\}", 9),
    "getMethodCaller": (r"function __emval_get_method_caller\(", r"=returnId;return returnId\}", 2),
    "getMethodCallerByKind": (
        r"var __emval_get_method_caller=",
        r"createNamedFunction\(functionName,invokerFunction\)\)\}",
        2,
    ),
    "compileConstructor": (
        r"function compileConstructor\(",
        r"return procedure\(CACHED_CONSTRUCTORS\[dtype\], order\)\s*\}",
        4,
    ),
}

# Where the default hanging protocol says which series a study opens with: any that has images.
DEFAULT_PROTOCOL: Final = re.compile(r"(?<=// on SEG/SR containing studies\n)(?=\s+\{\s+weight: 10,)")
# A volume, if there is one, and not the scout that was taken before it. Less weight than being asked for by address.
VOLUME_FIRST: Final = "{ weight: 5, attribute: 'isReconstructable', constraint: { equals: { value: true } } },\n"

# What is wrong in OHIF, and what we put instead.
MISTAKES: Final[dict[str, tuple[str, str]]] = {
    # It takes the first letter of VOI LUT Function (0028,1056) and then knows no such function: the image stays
    # black. Most mammograms and many radiographs have the attribute.
    "VOI LUT Function": (
        r"\(voiLutModule\.voiLUTFunction\?\.length &&\s+voiLutModule\.voiLUTFunction\[0\]\)",
        "[].concat(voiLutModule.voiLUTFunction)[0]",
    ),
    # It needs a value of Modalities in Study (0008,0061), which is empty where no series has a Modality.
    "Modalities in Study": (
        r"(?<=for \(let i = 0; i < )ModalitiesInStudy\.Value\.length",
        "(ModalitiesInStudy.Value ?? []).length",
    ),
    # It expects of uncompressed YBR_FULL_422 the length that 4:2:0 has, and takes the pixels for RGB then.
    "length of 4:2:2": (
        r"Math\.ceil\(rows / 2\) \+\s+Math\.floor\(rows / 2\) \* columns\)",
        "rows)",
    ),
    # It knows neither MPEG-2 nor the fragmentable syntaxes as videos, and asks for their single frames.
    "video transfer syntaxes": (
        r"supportedTransferSyntaxUIDs\.includes\(tsuid\)",
        r"/^1\.2\.840\.10008\.1\.2\.4\.10[0-8](\.1)?$/.test(tsuid)",
    ),
    # It takes a secondary capture of 90 frames for a video. Here every object tells its transfer syntax.
    "videos by guess": (
        r"return secondaryCaptureSopClassUids\.includes\(metadata\.SOPClassUID\) && metadata\.NumberOfFrames >= 90;",
        "return false;",
    ),
    # It takes whatever is Video Photographic for one stream, also Motion-JPEG, which is frames (PS3.5 A.4.1).
    "videos by class": (
        r"if \(metadata\.SOPClassUID === SOP_CLASS_UIDS\.VIDEO_PHOTOGRAPHIC_IMAGE_STORAGE\) \{\s+return true;\s+\}",
        "",
    ),
    # It doesn't look for videos among ultrasound clips and photographs of the eye, and asks for their single frames.
    "classes of videos": (
        r"(?<=const sopClassUids = Object\.values\(SOP_CLASS_UIDS\))(?=;\nconst secondaryCaptureSopClassUids)",
        ".concat('1.2.840.10008.5.1.4.1.1.3.1', '1.2.840.10008.5.1.4.1.1.77.1.5.1')",
    ),
    # Where a video follows frames in a viewport, it goes on fetching frames ahead: of the video, which has none.
    "frames of videos": (
        r"(?<=const \{ viewport \} = enabledElement;\n    if \()(?=!\(0,\w+/\* \.viewportSupportsImageSlices )",
        "viewport.type === 'video' || ",
    ),
    # What plays, videos and Motion-JPEG, has the bar to play it, as ultrasound clips have.
    "bar for videos": (
        r"(?<=some\(displaySet => displaySet\?\.isDynamicVolume)(?=\);\n\s+const sourceModalities)",
        " || displaySet?.viewportType === 'video' || /\\.77\\.1\\.[124]\\.1$/.test(displaySet?.SOPClassUID)",
    ),
    # Of an ellipse that is wider than high it takes the long axis (PS3.3 C.18.6.1.2: the first two points) for the
    # upright one when it loads a report, and counts the pixels of another figure then.
    "axes of an ellipse": (
        (
            r"(?<=EllipticalROI\.toolType\),\n      state = _MeasurementReport\$ge\.state,\n      NUMGroup = "
            r"_MeasurementReport\$ge\.NUMGroup,\n      worldCoords = )_MeasurementReport\$ge\.worldCoords"
        ),
        (
            "(({ worldCoords, scoord: { ValueType, GraphicData: [x, y, u, v] } }) =>\n"
            "        ValueType === 'SCOORD' && Math.abs(u - x) > Math.abs(v - y)\n"
            "          ? [...worldCoords.slice(2), ...worldCoords.slice(0, 2)] : worldCoords)(_MeasurementReport$ge)"
        ),
    ),
    # A report of measurements that lie nowhere, such as the sizes of segments, is an empty viewport: it is shown as
    # text, as every other report is.
    "reports without places": (
        r"(?<=\.n7\.ImagingMeasurementReport)(?=;\n  const displaySet = \{\n    Modality: 'SR')",
        ' && /"SCOORD/.test(JSON.stringify(instance.ContentSequence))',
    ),
    # It doesn't load a report in which one of the groups lies nowhere.
    "groups without places": (
        r"(?<=const referencedSOPSequence = measurement\.coords\[0\])(?=\.ReferencedSOPSequence;)",
        "?",
    ),
    # In reports it writes millimetres for the lengths of an image that has no spacing of pixels.
    "unit of a length": (
        r"(?<=\n      distance,)(?=\n      trackingIdentifierTextValue: this\.)",
        " unit: _super$getCachedStats.unit,",
    ),
    "unit of a circle": (
        r"(?<=\n      perimeter,\n      modalityUnit,\n      radiusUnit,)",
        " unit: radiusUnit,",
    ),
    "unit of a perimeter": (
        r"(?<=\n      stdDev,)(?=\n      splineType: \(_data\$spline = )",
        " unit: _super$getCachedStats.unit,",
    ),
    # It gives a measurement a new Tracking Unique Identifier each time that it is saved, so that nobody could follow
    # a lesion: one that came by a report keeps that report's, a new one its first.
    "tracking, loaded": (
        r"(?<=\n      annotation\.data\.label = getLabelFromDCMJSImportedToolData\(toolData\);)",
        "\n      annotation.data.trackingUID = toolData.TrackingUniqueIdentifier;",
    ),
    "tracking, kept": (
        r"(?<=args\.ReferencedSOPSequence = ReferencedSOPSequence;)(?=\n    if \(args\.use3DSpatialCoordinates\))",
        "\n    args.trackingUID = (tool.data.trackingUID ||= MeasurementReport_DicomMetaDictionary.uid());",
    ),
}

# It takes the spacing between rows for that between columns and the other way round, where it turns places in an
# image into places in the patient and back, and so in every report on pixels that are not square.
SPACINGS: Final = re.compile(r"let \{ columnPixelSpacing, rowPixelSpacing \}(?= = imagePlaneModule;)")
CROSSED: Final = "let { columnPixelSpacing: rowPixelSpacing, rowPixelSpacing: columnPixelSpacing }"
# A segmentation that it saves into the series that it came from doesn't say so, and is in a series of its own.
PREDECESSOR: Final = re.compile(r"(?<=Object\.assign\(segmentationResult)(?=, predecessor\))")
# It calls every segment "tissue", drawn by hand, also those that it has read. For each segment it makes such a header.
SEGMENT: Final = re.compile(r"CodeMeaning: 'Tissue'\n          \}\n        \};\n")
# It measures the way round a closed outline without its last piece: what it asks is whether the window is closed.
OUTLINE: Final = re.compile(r"(?<=calculateLengthInIndex\(calibratedScale, indexPoints, )closed(?=\))")
# It doesn't know whose measurements a report has.
OBSERVER: Final = re.compile(r'(?<=PersonName: )"unknown\^unknown"')
SIGNED_IN: Final = 'globalThis.fovea?.person || "unknown^unknown"'
TRACKING: Final = re.compile(
    r'(?<=CodeMeaning: "Tracking Unique Identifier"\n        },\n        UID: )(?=DicomMetaDictionary\.uid\(\))'
)
TRACKED: Final = "this.props.trackingUID || "

SUFFIXES: Final = frozenset({".js", ".css"})


@dataclass(frozen=True, slots=True)
class Patch:
    """Put `replacement` for `pattern`, which is found `times` times in all files with `suffix` together."""

    name: str
    suffix: str
    pattern: re.Pattern[str]
    replacement: str
    times: int

    def literal(self) -> str:
        """The replacement as `re` wants it, with nothing to expand in it."""
        return self.replacement.replace("\\", r"\\")


def patches_for(base: str) -> tuple[Patch, ...]:
    """Return all patches for files that are served below `base` ("/viewer/<build>/")."""
    return (
        Patch("public path", ".js", re.compile(r'(?<=__webpack_require__\.p = ")/(?=";)'), base, 8),
        Patch("whole-slide viewer", ".js", re.compile(r"(?<=browserImportFunction\(')/(?=dicom-micro)"), base, 1),
        Patch("fonts", ".css", re.compile(r"(?<=url\()/(?=\w)"), base, 5),
        Patch("volume first", ".js", DEFAULT_PROTOCOL, VOLUME_FIRST, 1),
        Patch("spacings", ".js", SPACINGS, CROSSED, 4),
        Patch("closed outlines", ".js", OUTLINE, "true", 2),
        Patch("predecessor", ".js", PREDECESSOR, ".dataset", 2),
        Patch("segments", ".js", SEGMENT, javascript("segments.js"), 1),
        Patch("observer", ".js", OBSERVER, SIGNED_IN, 3),
        Patch("tracking, written", ".js", TRACKING, TRACKED, 3),
        *_mended(),
        *_translated(),
        *_without_eval(),
    )


def apply(root: Path, patches: tuple[Patch, ...]) -> None:
    """Patch the files below `root` in place. Raises BuildError if one matches not as often as it must."""
    found: Counter[str] = Counter()
    for file in sorted(path for path in root.rglob("*") if path.suffix in SUFFIXES):
        found.update(_patch(file, [patch for patch in patches if patch.suffix == file.suffix]))
    wrong = [
        f"{patch.name}: {found[patch.name]}, not {patch.times}" for patch in patches if found[patch.name] != patch.times
    ]
    if wrong:
        raise BuildError(f"These patches do not fit this version of the viewer (matches): {'; '.join(wrong)}.")


def _patch(file: Path, patches: list[Patch]) -> Counter[str]:
    text = file.read_text(encoding="utf-8")
    counts: Counter[str] = Counter()
    for patch in patches:
        text, counts[patch.name] = patch.pattern.subn(patch.literal(), text)
    if counts.total():
        file.write_text(text, encoding="utf-8")
    return counts


def _mended() -> Iterator[Patch]:
    """Mistakes of this version of OHIF that leave an image black or a study unopened."""
    for name, (pattern, replacement) in MISTAKES.items():
        yield Patch(name, ".js", re.compile(pattern), replacement, 1)


def _translated() -> Iterator[Patch]:
    """Texts of the list of studies that OHIF has in English alone."""
    for text, (code, expression, times) in SAID.items():
        said = f"(window.fovea?.said?.[{json.dumps(text)}] ?? {expression})"
        yield Patch(f"{text}, said", ".js", re.compile(re.escape(code)), code.replace(expression, said), times)


def _without_eval() -> Iterator[Patch]:
    """Functions that compile code at run time (`new Function`), for which a browser would want 'unsafe-eval'.

    They are in the decoders (JPEG, JPEG-LS, JPEG 2000, HTJ2K), in surface conversion and in segmentations.
    """
    for name, (begin, end, times) in COMPILING.items():
        pattern = re.compile(f"{begin}.{{1,{MAX_FUNCTION}}}?{end}", re.DOTALL)
        yield Patch(name, ".js", pattern, javascript(f"eval_free/{name}.js").strip(), times)
