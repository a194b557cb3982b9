"""The DICOM network measured beside Orthanc and dcmtk: benchmarks/README.md."""
