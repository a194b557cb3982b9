// Gaps in a text: three underscores or more in brackets. Tab goes from one to the next, and on as ever after the last.
"use strict";

const GAP = /\[_{3,}\]/g;

class Placeholders {
  constructor(page) {
    this.page = page;
    page.form.element.addEventListener("keydown", (event) => this.key(event));
  }

  key(event) {
    const isTab = event.key === "Tab" && !event.ctrlKey && !event.altKey && !event.metaKey && !event.defaultPrevented;
    const field = this.page.form.current;
    if (isTab && field?.control.isText && event.target === field.control.element && this.go(field, event.shiftKey)) {
      event.preventDefault();
    }
  }

  // Chooses the next gap after the cursor (or the one before it): whether there is one.
  go(field, isBackwards = false) {
    const { element } = field.control;
    const gaps = [...element.value.matchAll(GAP)].map((found) => [found.index, found.index + found[0].length]);
    const next = isBackwards
      ? gaps.findLast(([, end]) => end <= element.selectionStart)
      : gaps.find(([start]) => start >= element.selectionEnd);
    if (next) {
      element.setSelectionRange(...next);
    }
    return Boolean(next);
  }

  // After a text was put in: the first gap in it is chosen.
  chooseIn(field, start, text) {
    const [gap] = text.matchAll(GAP);
    if (gap) {
      field.control.element.setSelectionRange(start + gap.index, start + gap.index + gap[0].length);
    }
  }
}
