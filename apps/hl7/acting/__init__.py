"""What is done with each kind of message: read into the practice's own terms, and handed to the services."""
