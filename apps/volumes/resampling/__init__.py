"""Planes and slabs through voxels; pure NumPy, without Django."""
