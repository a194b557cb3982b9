"""Segmenters: from a volume to labels, in NumPy, SciPy and SimpleITK; pure, and run in a process of their own."""
