"""HL7 version 2: framing, reading and answering messages. Pure Python, without Django."""
