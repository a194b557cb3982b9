"""Leads from tables (CSV): columns are guessed, every row is shown before it is taken, wrong ones are left out."""
