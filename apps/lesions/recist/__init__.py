"""RECIST 1.1: its rules; pure."""
