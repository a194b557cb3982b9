"""Dictations and corrections in the REST API."""
