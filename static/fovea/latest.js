// Does one thing at a time, and of what is asked for meanwhile the newest alone: a view is never behind by more than
// one.
"use strict";

class Latest {
  // `make` is called with what was asked for, and returns a promise.
  constructor(make) {
    this.make = make;
    this.asked = null;
    this.goesOn = null;
  }

  // Resolves when the newest is done.
  ask(what) {
    this.asked = { what };
    this.goesOn ??= this.go().finally(() => (this.goesOn = null));
    return this.goesOn;
  }

  async go() {
    while (this.asked) {
      const { what } = this.asked;
      this.asked = null;
      await this.make(what);
    }
  }
}
