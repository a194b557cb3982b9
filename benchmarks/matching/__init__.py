"""How well and how fast patients are matched to leads: on FEBRL's data sets, with twins added."""
