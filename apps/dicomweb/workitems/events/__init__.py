"""The process that tells subscribers of workitems' events, each by a WebSocket of its own (PS3.18 8.10.4, 8.10.5)."""
