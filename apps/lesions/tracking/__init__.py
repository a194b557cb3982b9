"""Lesions found again in another study by registration; pure."""
