"""The concepts that measurements are named with, each with its code; their texts are the standard's (PS3.16).

Some meanings differ from today's dictionary in capitals ("Long Axis"): viewers of the OHIF family look for the text.
"""

from typing import Final

from apps.dicom.sr_tree import Code

# CID 7469, 7461, 7470, 218: what is measured of lines, areas and volumes.
LENGTH: Final = Code("Length", "410668003", "SCT")
LONG_AXIS: Final = Code("Long Axis", "103339001", "SCT")
SHORT_AXIS: Final = Code("Short Axis", "103340004", "SCT")
RADIUS: Final = Code("Radius", "131190003", "SCT")
PERIMETER: Final = Code("Perimeter", "131191004", "SCT")
AREA: Final = Code("Area", "42798000", "SCT")
VOLUME: Final = Code("Volume", "118565006", "SCT")
ANGLE: Final = Code("Angle", "1483009", "SCT")
COBB_ANGLE: Final = Code("Cobb angle", "285285000", "SCT")
# CID 7464: what is said of the values of pixels, as a measurement of its own or as the derivation of one.
MEAN: Final = Code("Mean", "373098007", "SCT")
STANDARD_DEVIATION: Final = Code("Standard Deviation", "386136009", "SCT")
MINIMUM: Final = Code("Minimum", "255605001", "SCT")
MAXIMUM: Final = Code("Maximum", "56851009", "SCT")
# CID 7180: what the value of a pixel of CT is.
ATTENUATION: Final = Code("Attenuation Coefficient", "112031", "DCM")

# UCUM (CID 7181, 82, 83).
MILLIMETRE: Final = Code("mm", "mm", "UCUM")
SQUARE_MILLIMETRE: Final = Code("square millimeter", "mm2", "UCUM")
MILLILITRE: Final = Code("milliliter", "mL", "UCUM")
DEGREE: Final = Code("degree", "deg", "UCUM")
HOUNSFIELD: Final = Code("Hounsfield unit", "[hnsf'U]", "UCUM")
# A number of pixels has no unit of UCUM; the meaning is what OHIF writes and reads.
PIXELS: Final = Code("px", "1", "UCUM")
NO_UNIT: Final = Code("no units", "1", "UCUM")

# TID 1500, 1204, 1001 to 1004.
MEASUREMENT_REPORT: Final = Code("Imaging Measurement Report", "126000", "DCM")
IMAGING_MEASUREMENTS: Final = Code("Imaging Measurements", "126010", "DCM")
LANGUAGE: Final = Code("Language of Content Item and Descendants", "121049", "DCM")
ENGLISH: Final = Code("English", "en", "RFC5646")
PROCEDURE_REPORTED: Final = Code("Procedure reported", "121058", "DCM")
IMAGING_PROCEDURE: Final = Code("Imaging procedure", "363679005", "SCT")
OBSERVER_TYPE: Final = Code("Observer Type", "121005", "DCM")
PERSON: Final = Code("Person", "121006", "DCM")
DEVICE: Final = Code("Device", "121007", "DCM")
PERSON_NAME: Final = Code("Person Observer Name", "121008", "DCM")
DEVICE_UID: Final = Code("Device Observer UID", "121012", "DCM")
DEVICE_NAME: Final = Code("Device Observer Name", "121013", "DCM")
DEVICE_MANUFACTURER: Final = Code("Device Observer Manufacturer", "121014", "DCM")
DEVICE_MODEL: Final = Code("Device Observer Model Name", "121015", "DCM")

# TID 1501, 1410, 1411, 1502, 300.
MEASUREMENT_GROUP: Final = Code("Measurement Group", "125007", "DCM")
TRACKING_IDENTIFIER: Final = Code("Tracking Identifier", "112039", "DCM")
TRACKING_UID: Final = Code("Tracking Unique Identifier", "112040", "DCM")
FINDING: Final = Code("Finding", "121071", "DCM")
FINDING_SITE: Final = Code("Finding Site", "363698007", "SCT")
# The same in SNOMED's older codes, as older software and dcmqi write it.
OLD_FINDING_SITE: Final = Code("Finding Site", "G-C0E3", "SRT")
COMMENT: Final = Code("Comment", "121106", "DCM")
SHORT_LABEL: Final = Code("Short Label", "125309", "DCM")
DERIVATION: Final = Code("Derivation", "121401", "DCM")
IMAGE_REGION: Final = Code("Image Region", "111030", "DCM")
VOLUME_SURFACE: Final = Code("Volume Surface", "121231", "DCM")
REFERENCED_SEGMENT: Final = Code("Referenced Segment", "121191", "DCM")
REFERENCED_SEGMENTATION_FRAME: Final = Code("Referenced Segmentation Frame", "121214", "DCM")
SOURCE_SERIES: Final = Code("Source series for segmentation", "121232", "DCM")
SOURCE_IMAGE_FOR_SEGMENTATION: Final = Code("Source image for segmentation", "121233", "DCM")
# CID 7003: why a report refers to another object.
SOURCE_OF_MEASUREMENT: Final = Code("Source of Measurement", "121112", "DCM")
# What OHIF calls the number, which is none, of a point or an arrow.
CENTRE: Final = Code("Center", "111010", "DCM")

LESION: Final = Code("Lesion", "52988006", "SCT")
