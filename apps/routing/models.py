"""The rules by which objects go on, and the outbox of what is to go."""
