"""UPS-RS (PS3.18 11): the worklist service by HTTP, and the channel of its events."""
