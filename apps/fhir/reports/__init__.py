"""DiagnosticReport: reports of studies from when they are preliminary, and the PDFs of those that are signed."""
