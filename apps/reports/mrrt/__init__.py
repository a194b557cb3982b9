"""Templates as IHE's MRRT has them: HTML5 read into a structure, checked, and written."""
