"""Work in a process of its own: no Django, no secrets, bounded memory, JSON lines, and gone with its parent."""
