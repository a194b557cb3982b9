"""The pages on which reports are written."""
