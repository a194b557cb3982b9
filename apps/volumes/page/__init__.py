"""The page on which a panoramic and its cross-sections are made of a volume."""
