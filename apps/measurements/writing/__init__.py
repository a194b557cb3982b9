"""Reports of measurements written as objects (PS3.16 TID 1500)."""
