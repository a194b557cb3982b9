"""Other archives, asked and imported from for a lead."""
