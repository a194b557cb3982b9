"""Reports over REST: each room has its addresses in a module of its own."""
