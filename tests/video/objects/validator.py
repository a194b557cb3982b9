"""What dciodvfy (dicom3tools 1.00, of 2022) says of an object.

It is wrong in some points, for which its words are removed before they are judged:

* Multiplexed Audio Channels Description Code Sequence without items: it wants one at least, PS3.3 C.7.6.5 "zero or more
  Items".
* It does not know the transfer syntaxes of HEVC and of fragmentable video (PS3.5 8.2.10, A.4), and so can't read their
  pixel data: for it, these objects are called H.264. Ten bits of sixteen, which PS3.5 8.2.11 asks of HEVC Main 10, it
  then holds against C.8.12.1 (VL Image), which names eight alone.
* UV and OV (Supplement 105, 2020) are VRs that it doesn't know, with the attributes that have them.
* A warning, not an error: it doesn't know ISO_23008_2 and, of ultrasound, YBR_PARTIAL_420 (C.8.5.6.1.2).
* The Synchronization module makes an endoscopic or microscopic video a Standard Extended SOP Class: so it does; that
  is allowed, and several cameras can't be told otherwise.
"""

import re
import shutil
import subprocess
from pathlib import Path as File

NO_SOUND = "Element=<MultiplexedAudioChannelsDescriptionCodeSequence>"
FALSE_ALARMS = (
    r"^Error - Bad Sequence number of Items 0 \(1-n Required by Module definition\) " + NO_SOUND,
    r"^Error - Bad attribute Value Multiplicity Type 3 Optional " + NO_SOUND,
)


def errors(file: File, *allowed: str) -> list[str]:
    """What dciodvfy calls an error, without false alarms."""
    validator = shutil.which("dciodvfy")
    assert validator, "dciodvfy (Debian's package dicom3tools) is not installed: deploy/setup test"
    said = subprocess.run([validator, str(file)], capture_output=True, text=True, check=False)
    lines = (said.stdout + said.stderr).splitlines()
    assert not any("Information Object Not found" in line for line in lines), "it did not recognise the object"
    of_note = [line for line in lines if line.startswith("Error")]
    return [line for line in of_note if not any(re.match(each, line) for each in (*FALSE_ALARMS, *allowed))]
