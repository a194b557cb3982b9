// Keys of the whole page. By Alt, since letters alone are text; the list of them is in the page's dialog.
"use strict";

class Keyboard {
  constructor(page) {
    this.page = page;
    this.dialog = document.getElementById("keys");
    document.getElementById("keys-open").addEventListener("click", () => this.dialog.showModal());
    document.addEventListener("keydown", (event) => this.key(event));
  }

  key(event) {
    if (document.querySelector("dialog[open]") || event.defaultPrevented || event.isComposing) {
      return;
    }
    const does = event.altKey && !event.ctrlKey && !event.metaKey ? this.byAlt(event) : this.plain(event);
    if (does) {
      event.preventDefault();
      does();
    }
  }

  plain(event) {
    const isWriting = event.target.closest("input:not([type=checkbox], [type=radio]), select, textarea");
    return event.key === "?" && !isWriting ? () => this.dialog.showModal() : null;
  }

  // By the key's place (`code`) where it is a letter or digit: with Alt, some keyboards write another sign.
  byAlt(event) {
    const { form, impression, dictating, pictures, signing, beside } = this.page;
    const always = {
      ArrowDown: () => form.go(1), ArrowUp: () => form.go(-1),
      Digit1: () => beside.choose(TABS[0]), Digit2: () => beside.choose(TABS[1]),
      Digit3: () => beside.choose(TABS[2]), Digit4: () => beside.choose(TABS[3]),
    };
    const writing = {
      Enter: () => form.current?.confirm(), KeyR: () => form.goToMissing(), KeyI: () => impression.write(),
      KeyD: () => dictating.toggle(), KeyK: () => pictures.take(), KeyS: () => signing.open(),
    };
    return always[event.code] ?? (this.page.mayWrite ? writing[event.code] : null);
  }
}
