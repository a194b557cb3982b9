"""Figures that people draw, as an analysis: measured in the stored images, and kept as a report."""
