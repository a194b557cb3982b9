"""Segmentations as objects (PS3.3 A.51, A.90): written and read; pure."""
