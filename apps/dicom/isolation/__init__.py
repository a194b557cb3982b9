"""Work that bytes from outside could crash, hang or blow up, done in child processes that may die of it.

`pool.call` runs a top-level function of `apps.dicom` in such a process; `decoding.decode_frame` is the decoder of
`apps.dicom.pixels` in one. Nothing but the standard library is imported until a child is needed.
"""
