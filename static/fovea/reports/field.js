// A field of the report: its control, where its value came from, whether somebody still has to confirm it, and undo.
"use strict";

// A control of so many parts is named as a group.
const GROUPS = ["choices"];

class Field {
  constructor(page, told) {
    this.page = page;
    this.told = told;
    this.key = told.key;
    this.undoing = new Undoing();
    this.control = controlOf(told, (how) => this.typed(how));
    this.source = made("p", { class: "source", id: `source-${told.key}` });
    this.element = this.laidOut();
    this.control.element.setAttribute("aria-describedby", this.source.id);
    this.element.addEventListener("keydown", (event) => this.keyDown(event));
    this.element.addEventListener("focusin", () => (page.form.latest = this));
  }

  laidOut() {
    const { told, control } = this;
    const isGroup = GROUPS.includes(told.kind) || control instanceof OptionsControl;
    const label = made(isGroup ? "span" : "label", { class: "label", id: `label-${told.key}` }, told.label);
    if (told.isRequired) {
      label.append(made("abbr", { class: "required", title: this.page.words.required }, "*"));
      control.element.setAttribute("aria-required", "true");
    }
    if (isGroup) {
      control.element.setAttribute("role", told.kind === "choice" ? "radiogroup" : "group");
      control.element.setAttribute("aria-labelledby", label.id);
    } else {
      label.htmlFor = control.element.id;
    }
    const unit = told.unit ? made("span", { class: "unit" }, unitOf(told.unit)) : null;
    const row = made("div", { class: "entry" }, control.element, unit);
    return made("div", { class: `field ${told.kind}`, "data-key": told.key }, label, row, this.source);
  }

  get entry() {
    return this.page.draft.get(this.key);
  }

  get value() {
    return this.page.draft.valueOf(this.key);
  }

  get isMissing() {
    return Boolean((this.told.isRequired || this.told.isExpected) && isEmpty(this.value));
  }

  get isUnconfirmed() {
    return this.entry?.isConfirmed === false && !isEmpty(this.value);
  }

  get isEdited() {
    const source = this.entry?.source;
    return Boolean(source) && !isSame(source.filled, this.value);
  }

  // Whoever sits here has typed or chosen. A choice is confirmed by being made; of a text the rest may not be.
  typed({ isTyped = false }) {
    const before = this.entry;
    const value = this.control.get();
    const isConfirmed = this.control.isText ? (before?.isConfirmed ?? true) : true;
    const hasSource = Boolean(before?.source);
    this.undoing.note(before, isTyped);
    const next = isEmpty(value) && !hasSource ? null : { value, source: before?.source ?? null, isConfirmed };
    this.page.draft.set(this.key, next && isEmpty(value) ? { ...next, isConfirmed: true } : next, "field");
    this.show();
  }

  // Another value altogether, which can be undone.
  write(entry) {
    this.undoing.note(this.entry);
    this.page.draft.set(this.key, entry);
  }

  // A text at the cursor, or in place of what is chosen; the cursor is after it then. `marks` become the entry's.
  insert(text, marks = {}) {
    const { element } = this.control;
    this.replace(element.selectionStart, element.selectionEnd, text, marks);
  }

  replace(start, end, text, { source = null, isConfirmed = true } = {}) {
    const before = this.entry;
    const value = this.value.slice(0, start) + text + this.value.slice(end);
    const wasConfirmed = before?.isConfirmed ?? true;
    // What was there has its own origin; a text that is nothing but this has this one's.
    const isAll = isEmpty(this.value) || (before?.source?.kind === source?.kind && !this.isEdited);
    const from = isAll && source ? { ...source, filled: value } : (before?.source ?? null);
    this.write({ value, source: from, isConfirmed: wasConfirmed && isConfirmed });
    this.control.element.setSelectionRange(start + text.length, start + text.length);
  }

  confirm() {
    if (this.isUnconfirmed) {
      this.write({ ...this.entry, isConfirmed: true });
    }
  }

  takeBack() {
    this.write({ ...this.entry, value: this.entry.source.filled });
    this.control.focus();
  }

  undo() {
    this.step(this.undoing.past.length ? this.undoing.undo(this.entry) : undefined);
  }

  redo() {
    this.step(this.undoing.future.length ? this.undoing.redo(this.entry) : undefined);
  }

  step(entry) {
    if (entry !== undefined) {
      this.page.draft.set(this.key, entry);
    }
  }

  keyDown(event) {
    const isCommand = event.ctrlKey || event.metaKey;
    const key = event.key.toLowerCase();
    const isRedo = key === "y" || (key === "z" && event.shiftKey);
    if (!isCommand || event.altKey || !(key === "z" || isRedo) || !this.page.mayWrite) {
      return;
    }
    event.preventDefault();
    if (isRedo) {
      this.redo();
    } else {
      this.undo();
    }
  }

  // As the draft has it.
  show() {
    this.control.set(this.entry?.value ?? (this.told.kind === "choices" ? [] : ""));
    this.control.readOnly(!this.page.mayWrite);
    const isOdd = this.told.kind === "number" && !isNumberWithin(this.value, this.told);
    this.control.element.toggleAttribute("aria-invalid", isOdd);
    this.element.classList.toggle("edited", this.isEdited);
    this.element.classList.toggle("unconfirmed", this.isUnconfirmed);
    this.element.classList.toggle("missing", this.isMissing);
    this.source.replaceChildren(...this.origin());
  }

  origin() {
    const { words, mayWrite } = this.page;
    const { isUnconfirmed, isEdited } = this;
    const source = this.entry?.source;
    return [
      source ? this.chip(source) : null,
      isEdited && mayWrite ? button(words.takeBack, () => this.takeBack(), { class: "plain" }) : null,
      isUnconfirmed ? made("span", { class: "chip open" }, words.unconfirmed) : null,
      isUnconfirmed && mayWrite ? button(words.confirm, () => this.confirm(), { class: "plain", "aria-keyshortcuts": "Alt+Enter" }) : null,
    ].filter(Boolean);
  }

  chip(source) {
    const { words, form } = this.page;
    const text = this.isEdited ? filled(words.edited, { source: source.said }) : source.said;
    const was = this.isEdited ? filled(words.was, { value: form.textOf(this.told, source.filled) }) : null;
    const attributes = { class: "chip", "data-kind": source.kind, title: was };
    if (!source.link) {
      return made("span", attributes, text);
    }
    const link = made("a", { ...attributes, href: source.link, target: "_blank" }, text);
    link.addEventListener("click", (event) => this.page.viewer.follow(event, source.link));
    return link;
  }
}

// A unit as people read it.
const unitOf = (unit) => (typeof unit === "string" ? unit : (unit.meaning ?? unit.value ?? ""));

function isNumberWithin(text, { least, most }) {
  if (isEmpty(text)) {
    return true;
  }
  const number = Number(text);
  return Number.isFinite(number) && number >= (least ?? -Infinity) && number <= (most ?? Infinity);
}
