"""Segmenters of a site: MONAI bundles in a folder, and external commands."""
