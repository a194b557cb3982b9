"""Patient access in the admin."""
