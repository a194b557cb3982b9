// What could not be sent yet, kept on this device: enciphered, with a key that the server gives nobody but the same
// person. It is removed as soon as it is saved. A browser enciphers for pages by https alone (and on the machine
// itself); elsewhere it is kept as it is, for as long as the tab is open.
"use strict";

const KEPT = "fovea.report.";
const KEPT_DAYS = 14;
const NONCE_BYTES = 12;

class Keeping {
  constructor(id, key) {
    this.name = `${KEPT}${id}`;
    this.isEnciphered = Boolean(crypto.subtle);
    this.storage = this.isEnciphered ? localStorage : sessionStorage;
    const bytes = Uint8Array.from(atob(key), (letter) => letter.charCodeAt(0));
    this.key = this.isEnciphered ? crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]) : null;
    // What is kept last wins, however long the browser takes to encipher.
    this.latest = new Latest((what) => this.write(what));
    this.forgetOld();
  }

  // `revision`, and of each key what was changed: [what it is now, what it was at the revision].
  keep(draft) {
    const changes = [...draft.unsent()].map(([key, value]) => [key, value, draft.saved.get(key) ?? null]);
    return this.latest.ask(changes.length ? { revision: draft.revision, changes } : null);
  }

  async write(what) {
    if (what === null) {
      this.storage.removeItem(this.name);
      return;
    }
    const text = await this.enciphered(JSON.stringify(what));
    this.storage.setItem(this.name, JSON.stringify({ at: Date.now(), text }));
  }

  // What the page before this one has not sent, or null.
  async find() {
    const found = this.storage.getItem(this.name);
    if (!found) {
      return null;
    }
    const text = await this.deciphered(JSON.parse(found).text).catch(() => null);
    return text && JSON.parse(text);
  }

  async enciphered(text) {
    if (!this.isEnciphered) {
      return text;
    }
    const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
    const bytes = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await this.key, new TextEncoder().encode(text));
    return `${inLetters(iv)}.${inLetters(new Uint8Array(bytes))}`;
  }

  async deciphered(text) {
    if (!this.isEnciphered) {
      return text;
    }
    const [iv, bytes] = text.split(".").map(inBytes);
    return new TextDecoder().decode(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, await this.key, bytes));
  }

  // What nobody has come back for.
  forgetOld() {
    const names = Object.keys(this.storage).filter((name) => name.startsWith(KEPT));
    for (const name of names) {
      const { at = 0 } = JSON.parse(this.storage.getItem(name));
      if (Date.now() - at > KEPT_DAYS * 86_400_000) {
        this.storage.removeItem(name);
      }
    }
  }
}

// In base64. In pieces: a function takes only so many arguments.
function inLetters(bytes) {
  const pieces = [];
  for (let start = 0; start < bytes.length; start += 4096) {
    pieces.push(String.fromCharCode(...bytes.subarray(start, start + 4096)));
  }
  return btoa(pieces.join(""));
}

const inBytes = (letters) => Uint8Array.from(atob(letters), (letter) => letter.charCodeAt(0));
