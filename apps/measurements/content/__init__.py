"""What a report of measurements says (PS3.16 TID 1500), read from DICOM JSON, and the geometry of it; pure."""
