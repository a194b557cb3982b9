"""The dental arch: its curve, the panoramic along it, the cross-sections through it; pure NumPy, without Django."""
