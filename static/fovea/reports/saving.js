// Autosave: what was changed goes to the server after a moment's rest, with the revision that it was changed from. What
// can't go stays on this device, and goes as soon as it can.
"use strict";

const REST_MS = 1000;
const KEEP_MS = 150;
const RETRY_MS = [2000, 5000, 15_000, 30_000];
const CONFLICT = 409;
const SIGNED_OUT = 401;
// Of these statuses and above the server is what is wrong, or the way to it; it gets better by itself.
const SERVERS_FAULT = 500;
const JSON_TYPE = { "Content-Type": "application/json" };

class Saving {
  constructor(page) {
    this.page = page;
    this.keeping = page.keeping;
    this.said = document.getElementById("saved");
    this.failures = 0;
    // While two versions stand beside each other, nothing is sent.
    this.isHeld = false;
    page.draft.listen((_, by) => by !== "server" && this.changed());
    window.addEventListener("online", () => this.now());
    document.addEventListener("visibilitychange", () => document.hidden && this.now());
    window.addEventListener("beforeunload", (event) => page.draft.isChanged && event.preventDefault());
  }

  changed() {
    clearTimeout(this.keepsSoon);
    this.keepsSoon = setTimeout(() => this.keep(), KEEP_MS);
    if (this.said.dataset.state !== "offline") {
      this.show("waiting");
    }
    this.after(REST_MS);
  }

  after(milliseconds) {
    clearTimeout(this.sendsSoon);
    this.sendsSoon = setTimeout(() => this.now(), milliseconds);
  }

  async keep() {
    try {
      await this.keeping.keep(this.page.draft);
    } catch (error) {
      // The browser has no room, or lets pages keep nothing.
      this.page.warn("kept", this.page.words.notKept);
      console.warn(error.name);
    }
  }

  // Resolves when there is nothing left to send, or when it can't be sent now: says whether all is saved.
  now() {
    clearTimeout(this.sendsSoon);
    this.going ??= this.go().finally(() => (this.going = null));
    return this.going;
  }

  async go() {
    const { draft } = this.page;
    while (draft.isChanged && !this.isHeld && this.page.mayWrite) {
      if (!(await this.tried(draft.unsent()))) {
        return false;
      }
    }
    return !draft.isChanged;
  }

  async tried(values) {
    this.show("saving");
    try {
      await this.send(values);
    } catch (error) {
      return this.failed(error, values);
    }
    return this.wentWell();
  }

  async wentWell() {
    this.failures = 0;
    this.page.warn("refused", "");
    await this.keep();
    this.show(this.page.draft.isChanged ? "waiting" : "saved");
    return true;
  }

  async send(values) {
    const { draft } = this.page;
    const body = JSON.stringify(draft.bodyOf(values));
    const answer = await asked(this.page.addresses.report, { method: "PATCH", headers: JSON_TYPE, body, stays: true });
    const told = await answer.json();
    draft.sent(values, told.revision);
    this.page.heard(told, values);
  }

  // Whether to go on at once.
  async failed(error, values) {
    await this.keep();
    if (error instanceof Unreached || error.status >= SERVERS_FAULT) {
      return this.later("offline");
    }
    if (!(error instanceof Refused)) {
      throw error;
    }
    if (error.status === SIGNED_OUT) {
      return this.later("signedOut");
    }
    return error.status === CONFLICT ? this.page.conflict.settle() : this.refused(error, values);
  }

  later(state) {
    this.show(state);
    this.after(RETRY_MS[Math.min(this.failures++, RETRY_MS.length - 1)]);
    return false;
  }

  // One value may be what is refused: the others go without it.
  async refused(error, values) {
    if (values.size === 1) {
      return this.tellRefused(error);
    }
    for (const [key, value] of values) {
      if (!(await this.alone(key, value))) {
        return false;
      }
    }
    return this.wentWell();
  }

  async alone(key, value) {
    try {
      await this.send(new Map([[key, value]]));
      return true;
    } catch (error) {
      return this.failed(error, new Map([[key, value]]));
    }
  }

  tellRefused(error) {
    this.page.warn("refused", error.message);
    this.show("refused");
    return false;
  }

  show(state) {
    const { words } = this.page;
    const texts = {
      saved: words.saved, waiting: words.notSaved, saving: words.saving, offline: words.offline,
      signedOut: words.signedOut, refused: words.notSaved,
    };
    this.said.dataset.state = state;
    this.said.textContent = texts[state];
  }
}
