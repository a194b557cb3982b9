"""Heavy work of an analysis in a process of its own: no Django, no secrets, bounded memory, and stopped at once."""
