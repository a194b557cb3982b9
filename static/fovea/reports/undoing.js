// Undo and redo of one field: its own, so that they go back across what was saved, and over what phrases, dictation and
// the page itself have written.
"use strict";

const MOST_STEPS = 200;
// What is typed without so long a pause is one step.
const PAUSE_MS = 900;

class Undoing {
  constructor() {
    this.past = [];
    this.future = [];
    this.typedAt = 0;
  }

  // Before a change: how the field was. `isTyped` joins it with what was typed just before.
  note(before, isTyped = false) {
    const now = performance.now();
    const isMore = isTyped && now - this.typedAt < PAUSE_MS && this.future.length === 0;
    this.typedAt = isTyped ? now : 0;
    if (!isMore) {
      this.past.push(before);
      this.past.splice(0, this.past.length - MOST_STEPS);
    }
    this.future = [];
  }

  // How it was before, or null; `now` is what it goes on from.
  undo(now) {
    return this.step(this.past, this.future, now);
  }

  redo(now) {
    return this.step(this.future, this.past, now);
  }

  step(from, to, now) {
    if (!from.length) {
      return null;
    }
    to.push(now);
    this.typedAt = 0;
    return from.pop();
  }
}
