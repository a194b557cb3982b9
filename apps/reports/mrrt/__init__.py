"""Templates of reports as IHE's MRRT (Management of Radiology Report Templates) writes them: HTML5, read and written.

Nothing of a file's markup is ever shown: what is read is a `Structure`, and pages are made of that.
"""
