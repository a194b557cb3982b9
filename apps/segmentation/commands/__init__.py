"""Segmenters that are programs of the site's own: a NIfTI file in, one with labels out."""
