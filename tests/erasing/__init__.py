"""An app of the tests' own: their flush between tests may empty what the product never lets go of."""
