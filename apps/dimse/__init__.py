"""The DICOM network server: C-ECHO, C-STORE, C-FIND, C-GET, C-MOVE and Storage Commitment, over TCP and TLS."""
