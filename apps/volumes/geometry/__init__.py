"""Where the voxels of a series lie, and what is wrong with that; pure Python on NumPy, without Django."""
