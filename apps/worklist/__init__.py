"""What is planned: scheduled procedure steps (MWL), performed ones (MPPS), and unified procedure steps (UPS)."""
