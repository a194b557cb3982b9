// What the report says now, what the server has of it, and what it has not yet.
"use strict";

// Beside the fields' own keys; no field is called so, since a key is an element's id without a space.
const MEASUREMENTS = " measurements";
const PICTURES = " pictures";

class Draft {
  constructor() {
    this.revision = 0;
    // By the fields' keys, and by the two above: what is shown, and what the server had of it at the revision.
    this.now = new Map();
    this.saved = new Map();
    this.changedKeys = new Set();
    this.listeners = [];
  }

  // Called with a key and with who changed it: "field" (whoever types there), or anything else.
  listen(listener) {
    this.listeners.push(listener);
  }

  // What the server says is the report now; what is not saved yet stays as it is.
  take(revision, content) {
    this.revision = revision;
    const told = Draft.partsOf(content);
    for (const key of new Set([...told.keys(), ...this.saved.keys()])) {
      this.hear(key, told.get(key) ?? null);
    }
  }

  hear(key, value) {
    this.saved.set(key, value);
    if (!this.changedKeys.has(key) && !isSame(this.now.get(key), value)) {
      this.now.set(key, value);
      this.tell(key, "server");
    }
  }

  static partsOf(content) {
    const parts = new Map(Object.entries(content.entries ?? {}).map(([key, entry]) => [key, Draft.plain(entry)]));
    parts.set(MEASUREMENTS, content.measurements ?? []);
    parts.set(PICTURES, content.keyImages ?? []);
    return parts;
  }

  static plain({ value, source = null, isConfirmed = true }) {
    return { value, source, isConfirmed };
  }

  get(key) {
    return this.now.get(key) ?? null;
  }

  valueOf(key) {
    return this.get(key)?.value ?? "";
  }

  set(key, value, by = "page") {
    if (isSame(this.get(key), value)) {
      return;
    }
    this.now.set(key, value);
    this.changedKeys.add(key);
    this.tell(key, by);
  }

  tell(key, by) {
    this.listeners.forEach((listener) => listener(key, by));
  }

  get isChanged() {
    return this.changedKeys.size > 0;
  }

  // What is to be sent: by keys, as it is now.
  unsent() {
    return new Map([...this.changedKeys].map((key) => [key, this.get(key)]));
  }

  // The server has these now; what was changed again since is still to be sent.
  sent(values, revision) {
    this.revision = revision;
    for (const [key, value] of values) {
      this.saved.set(key, value);
      if (isSame(this.get(key), value)) {
        this.changedKeys.delete(key);
      }
    }
  }

  // What a page before this one had changed: [key, what it became, what it was].
  takeUp(changes) {
    for (const [key, value, before] of changes) {
      this.saved.set(key, before);
      this.now.set(key, value);
      this.changedKeys.add(key);
      this.tell(key, "kept");
    }
  }

  // What is not saved is given up.
  forget() {
    for (const key of this.changedKeys) {
      this.now.set(key, this.saved.get(key) ?? null);
      this.tell(key, "server");
    }
    this.changedKeys.clear();
  }

  // A PATCH's body (docs/reports.md).
  bodyOf(values) {
    const entries = [...values].filter(([key]) => key !== MEASUREMENTS && key !== PICTURES);
    const body = { revision: this.revision };
    if (entries.length) {
      body.entries = Object.fromEntries(entries);
    }
    if (values.has(MEASUREMENTS)) {
      body.measurements = values.get(MEASUREMENTS);
    }
    if (values.has(PICTURES)) {
      body.keyImages = values.get(PICTURES);
    }
    return body;
  }
}
