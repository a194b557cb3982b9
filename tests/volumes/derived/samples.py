"""Headers and images that derived objects are made of in the tests."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from apps.volumes.derived.encoding import Encoding
from apps.volumes.derived.facts import SeriesFacts, Source
from apps.volumes.resampling.planes import Plane
from tests.volumes.series import ct_series, enhanced_ct

HU = Encoding(1.0, -1024.0, "HU")
VALUES = np.zeros((2, 8, 10), np.int16)
PLANE = Plane((1 / 3, -20.123456789012345, 3e-7), (1.0, 0.0, 0.0), (0.0, 0.0, -1.0), 1 / 3, 0.7, 6, 9)
IMAGE = np.linspace(-1024, 3071, 54, dtype=np.float32).reshape(6, 9)
SOURCES = [Source("1.2.840.10008.5.1.4.1.1.2", f"2.25.{number}") for number in range(1, 4)]
PULSES: dict[str, Any] = {"ScanningSequence": ["SE"], "SequenceVariant": ["SK"], "RescaleIntercept": None}
PET: dict[str, Any] = {
    "SeriesDate": "20240229",
    "SeriesTime": "101500",
    "Units": "BQML",
    "CountsSource": "EMISSION",
    "SeriesType": ["WHOLE BODY", "IMAGE"],
    "CorrectedImage": ["DECY", "ATTN"],
    "DecayCorrection": "START",
    "DecayFactor": "1.02",
    "CollimatorType": "NONE",
    "FrameReferenceTime": "1000",
    "ActualFrameDuration": "180000",
    "AcquisitionDate": "20240229",
    "AcquisitionTime": "101510",
}


def header(modality: str = "CT", **attributes: Any) -> dict[str, Any]:
    """DICOM JSON of a classic object, as the index has it."""
    return told(ct_series(VALUES, modality=modality, **attributes)[0])


def enhanced(**attributes: Any) -> dict[str, Any]:
    return told(enhanced_ct(VALUES, **attributes))


def told(dataset: Dataset) -> dict[str, Any]:
    attributes = dataset.to_json_dict()
    del attributes["7FE00010"]
    return attributes


def facts(encoding: Encoding = HU, **more: Any) -> SeriesFacts:
    return SeriesFacts(uid="2.25.77", seed="a run", description="Coronal", encoding=encoding, **more)


def values_of(dataset: Dataset) -> NDArray[np.float64]:
    """What any reader makes of the stored values."""
    pixels = dataset.pixel_array.astype(np.float64)
    return pixels * float(dataset.get("RescaleSlope", 1)) + float(dataset.get("RescaleIntercept", 0))
