"""The services of the DICOM network server: for each kind of request the function that answers it."""
