"""What arrives goes on: rules, the outbox, and priors that are fetched before they are needed."""
