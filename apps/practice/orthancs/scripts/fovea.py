"""For Orthanc's Python plugin: tells Fovea of each study that is complete and of each instance that arrives.

In Orthanc's settings: "PythonScript": "/etc/orthanc/fovea.py". Each call is signed; one that fails is repeated.
"""

import hashlib
import hmac
import json
import queue
import threading
import time
import urllib.request
import uuid

import orthanc

ADDRESS = "@@ADDRESS@@"
SOURCE = "@@SOURCE@@"
SECRET = "@@SECRET@@"
CHANGES = {
    orthanc.ChangeType.NEW_INSTANCE: ("NewInstance", "Instance"),
    orthanc.ChangeType.STABLE_STUDY: ("StableStudy", "Study"),
}
PAUSES = (0, 5, 30, 120, 600)

waiting = queue.Queue()


def on_change(change_type, level, resource):
    """Called by Orthanc, which waits meanwhile: the call is made by the thread below."""
    if change_type in CHANGES:
        change, kind = CHANGES[change_type]
        notice = {"ChangeType": change, "ResourceType": kind, "ID": resource}
        waiting.put((json.dumps(notice).encode(), uuid.uuid4().hex))


def send(body, delivery):
    timestamp = str(int(time.time()))
    signed = ("%s.%s." % (timestamp, delivery)).encode() + body
    headers = {
        "Content-Type": "application/json",
        "X-Fovea-Source": SOURCE,
        "X-Fovea-Timestamp": timestamp,
        "X-Fovea-Delivery": delivery,
        "X-Fovea-Signature": "sha256=" + hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest(),
    }
    with urllib.request.urlopen(urllib.request.Request(ADDRESS, body, headers), timeout=30) as answer:
        answer.read()


def deliver(body, delivery):
    for pause in PAUSES:
        time.sleep(pause)
        try:
            send(body, delivery)
            break
        except OSError as error:
            orthanc.LogWarning("Fovea could not be told: %s" % error)


def work():
    while True:
        deliver(*waiting.get())


threading.Thread(target=work, daemon=True).start()
orthanc.RegisterOnChangeCallback(on_change)
