"""The DICOM standard in pure Python: reading, indexing, matching and rendering, without Django."""
