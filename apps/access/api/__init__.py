"""Patient access in the REST API: assignments, family access, access requests, emergencies."""
