"""The rows of what is planned and what was performed."""
