"""DICOMweb remotes (PS3.18): searching, fetching from and storing at them over HTTP."""
