"""Reformatted images as DICOM objects (PS3.3 C.7.6.1.1.3 DERIVED), and the analyses that store them."""
