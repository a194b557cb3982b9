"""The DICOM upper layer and message exchange (PS3.8, PS3.7): associations over TCP and TLS, as acceptor and requestor.

Every length is checked before anything is allocated, every read and write has a deadline, and nothing is polled.
"""
