// Who else has the report open; and what they have saved, as soon as nothing of ours is unsaved.
"use strict";

const PRESENT_MS = 10_000;

class PresencePart {
  constructor(page) {
    this.page = page;
    this.said = document.getElementById("others");
    document.addEventListener("visibilitychange", () => document.hidden || this.tell());
    window.addEventListener("pagehide", () => this.leave());
  }

  start() {
    this.tell();
    setInterval(() => document.hidden || this.tell(), PRESENT_MS);
  }

  async tell() {
    const address = `${this.page.addresses.report}/presence`;
    const answer = await asked(address, { method: "POST", stays: true }).catch(() => null);
    if (answer) {
      const told = await answer.json();
      this.show(told.others);
      await this.follow(told.revision);
    }
  }

  // What somebody else has saved meanwhile.
  async follow(revision) {
    const { draft, saving } = this.page;
    if (revision > draft.revision && !draft.isChanged && !saving.going) {
      await this.page.tried(() => this.page.refresh());
    }
  }

  show(others) {
    const { words } = this.page;
    const names = others.map(({ name }) => name);
    this.said.hidden = !names.length;
    const text = filled(words.others, { names: new Intl.ListFormat(speaking).format(names) });
    if (names.length && this.said.textContent !== text) {
      this.said.textContent = text;
    }
  }

  leave() {
    fetch(`${this.page.addresses.report}/presence`, { method: "DELETE", keepalive: true }).catch(() => null);
  }
}
