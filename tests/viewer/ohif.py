"""A package made in code that has what the build looks for in OHIF's, each as often as in the real one."""

import base64
import hashlib
import io
import tarfile
from pathlib import Path

BUNDLE = "app.bundle.0123456789abcdef.js"
PAGE = f"""<!doctype html><html><head>
<script>console.time("scriptToView"),window.PUBLIC_URL="/"</script>
<link rel="icon" href="/assets/favicon.ico"><script src="/app-config.js"></script>
<script>function browserImportFunction(n){{return import(n)}}window.PUBLIC_URL="/"</script>
<script defer src="/{BUNDLE}"></script><link href="/app.bundle.css" rel="stylesheet"></head>
<body><div id="react-portal"></div><div id="root"></div></body></html>"""

COMPILING = {
    "function createNamedFunction(name, body) { return new Function('body', name)(body); }": 11,
    "function craftInvokerFunction(a,b) { f=new_(Function,a); return invokerFunction; }": 12,
    "function craftInvokerFunction(a,b) { f=newFunc(Function,a); return createNamedFunction(humanName,invokerFn)}": 1,
    'function craftEmvalAllocator(n){return new Function("a",functionBody)(a,Emval.toHandle)}': 9,
    "function __emval_get_method_caller(n,t){new_(Function,p);id[s]=returnId;return returnId}": 2,
    "var __emval_get_method_caller=(n,t,k)=>{newFunc(Function,p);"
    "return emval_addMethodCaller(createNamedFunction(functionName,invokerFunction))}": 2,
    "function compileConstructor(d, n) { var p = new Function(c); "
    "return procedure(CACHED_CONSTRUCTORS[dtype], order) }": 4,
}
# The list of studies, by how often each is there.
SAID = {
    "{title: 'Study List', label: 'Patient', label: 'Study Date', label: 'Modalities', label: 'Description',}": 1,
    "{label: 'Accession', label: 'Instances', placeholder: t('Start', 'Start'), placeholder: t('End', 'End'),}": 1,
    "e('a', {}, \"Reset\")); f({ buttonText = 'View' }); x(patientName ?? 'Select a study');": 1,
    "x({}, \"Launch workflow\"); y ? a : 'No Series';": 1,
    "e('b', t('Upload')); f({title: 'Upload files', a}); d || 'No Description';": 2,
}
# How it writes and reads reports of measurements.
REPORTS = {
    "let { columnPixelSpacing, rowPixelSpacing } = imagePlaneModule;": 4,
    "const perimeter = Tool.calculateLengthInIndex(calibratedScale, indexPoints, closed);": 2,
    "Object.assign(segmentationResult, predecessor);": 2,
    "const referencedSOPSequence = measurement.coords[0].ReferencedSOPSequence;": 1,
    "f(enums.n7.ImagingMeasurementReport;\n  const displaySet = {\n    Modality: 'SR'": 1,
    "CodeMeaning: 'Tissue'\n          }\n        };\n": 1,
    'PersonName: "unknown^unknown"': 3,
    'CodeMeaning: "Tracking Unique Identifier"\n        },\n        UID: DicomMetaDictionary.uid()': 3,
    "f(metadata, EllipticalROI.toolType),\n      state = _MeasurementReport$ge.state,\n"
    "      NUMGroup = _MeasurementReport$ge.NUMGroup,\n      worldCoords = _MeasurementReport$ge.worldCoords,": 1,
    "return {\n      distance,\n      trackingIdentifierTextValue: this.trackingIdentifierTextValue,": 1,
    "return {\n      perimeter,\n      modalityUnit,\n      radiusUnit,\n      radius,": 1,
    "return {\n      stdDev,\n      splineType: (_data$spline = data.spline)": 1,
    "\n      annotation.data.label = getLabelFromDCMJSImportedToolData(toolData);": 1,
    "args.ReferencedSOPSequence = ReferencedSOPSequence;\n    if (args.use3DSpatialCoordinates) {": 1,
}
PADDING = "/* text that compresses well */" * 100


def files() -> dict[str, str]:
    """The package's files, by their path in the tarball."""
    repeated = "\n".join(code for code, times in (COMPILING | SAID | REPORTS).items() for _ in range(times))
    return {
        "package/LICENSE": "The MIT License",
        "package/README.md": "Read me",
        "package/dist/index.html": PAGE,
        f"package/dist/{BUNDLE}": "\n".join(
            [
                '__webpack_require__.p = "/";',
                "window.browserImportFunction('/dicom-microscopy-viewer/viewer.min.js')",
                "// on SEG/SR containing studies\n      {\n        weight: 10,",
                "f = (voiLutModule.voiLUTFunction?.length &&\n    voiLutModule.voiLUTFunction[0]) || g;",
                "for (let i = 0; i < ModalitiesInStudy.Value.length; i++) {}",
                "Math.ceil(rows / 2) +\n                Math.floor(rows / 2) * columns);",
                "const sopClassUids = Object.values(SOP_CLASS_UIDS);\nconst secondaryCaptureSopClassUids = [];",
                "const { viewport } = enabledElement;\n    if (!(0,m/* .viewportSupportsImageSlices */.h)(view)) {}",
                "some(displaySet => displaySet?.isDynamicVolume);\n    const sourceModalities = 1;",
                "if (supportedTransferSyntaxUIDs.includes(tsuid)) {}",
                "if (metadata.SOPClassUID === SOP_CLASS_UIDS.VIDEO_PHOTOGRAPHIC_IMAGE_STORAGE) {\n  return true;\n}",
                "return secondaryCaptureSopClassUids.includes(metadata.SOPClassUID) && metadata.NumberOfFrames >= 90;",
                repeated,
                PADDING,
            ]
        ),
        "package/dist/136.bundle.fedcba9876543210.js": '__webpack_require__.p = "/";\n' * 7,
        "package/dist/app.bundle.css": "a{src:url(/a34f9d1faa5f3315.woff2)}" * 5 + PADDING,
        "package/dist/a34f9d1faa5f3315.woff2": "font",
        "package/dist/136.bundle.fedcba9876543210.js.map": "{}",
        "package/dist/sw.js": "worker",
        "package/dist/init-service-worker.js": "worker",
        "package/dist/ort/ort.min.js": "models",
        "package/dist/assets/favicon.ico": "icon",
        "package/dist/assets/images/CT-Bone.png": "picture",
    }


def pack(file: Path, content: dict[str, str]) -> str:
    """Write a tarball, and return its integrity as npm states it."""
    with tarfile.open(file, "w:gz") as archive:
        for name, text in content.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return f"sha512-{base64.b64encode(hashlib.sha512(file.read_bytes()).digest()).decode()}"
