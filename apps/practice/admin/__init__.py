"""The practice's records in the admin."""
