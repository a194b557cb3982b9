"""Leads: what is said of people is read and checked, kept in step with the practice's software, and found again."""
