"""Volumes: series assembled with a geometry that never lies, reformatted on demand and into stored series."""
