"""Documents as DICOM objects: structured reports (TID 2000), encapsulated PDFs, key object selections."""
