"""Unified procedure steps: the state machine of PS3.4 Annex CC, their search, and who is told of them."""
