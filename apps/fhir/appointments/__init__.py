"""Appointment: the practice's appointments."""
