"""Alarms of routing: destinations that are silent, studies that could not be sent. Raised once, until they end."""
