"""Storage commitment as its user (PS3.4 J): destinations promise to keep what they have, before it is deleted here."""
