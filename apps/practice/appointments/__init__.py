"""Appointments: booked, changed and moved on, each kept as its step on the worklists is, and the other way round."""
