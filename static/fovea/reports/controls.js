// What a field is filled in with, one class for each way. Each has an `element`, `get` and `set`, tells `changed` when a
// person changes it, and can be read only.
"use strict";

// So many options stand beside each other, more are a list that opens.
const MOST_BESIDE = 6;
const TICKED = "true";

class TextControl {
  constructor(told, changed) {
    this.element = this.make(told);
    this.element.id = `field-${told.key}`;
    this.element.addEventListener("input", () => {
      this.fit();
      changed({ isTyped: true });
    });
  }

  make(told) {
    return made("input", { type: "text", placeholder: told.placeholder || null, dir: "auto", spellcheck: "true" });
  }

  get isText() {
    return true;
  }

  get() {
    return this.element.value;
  }

  set(value) {
    if (this.element.value !== value) {
      this.element.value = value;
    }
    this.fit();
  }

  readOnly(isReadOnly) {
    this.element.readOnly = isReadOnly;
  }

  focus() {
    this.element.focus();
  }

  fit() {}
}

class LongTextControl extends TextControl {
  make(told) {
    const attributes = { rows: told.lines ?? 3, placeholder: told.placeholder || null, dir: "auto", spellcheck: "true" };
    return made("textarea", attributes);
  }

  // As high as its text, where the browser doesn't do that by itself (field-sizing).
  fit() {
    if (!CSS.supports("field-sizing", "content")) {
      this.element.style.height = "auto";
      this.element.style.height = `${this.element.scrollHeight + 2}px`;
    }
  }
}

class NumberControl extends TextControl {
  make(told) {
    const attributes = { type: "text", inputmode: "decimal", placeholder: told.placeholder || null };
    return made("input", { ...attributes, "data-least": told.least, "data-most": told.most });
  }

  get isText() {
    return false;
  }

  // With a point, whatever the keyboard writes.
  get() {
    return this.element.value.trim().replace(",", ".");
  }

  // While it is typed in, it stays as it is typed.
  set(value) {
    if (this.get() !== value) {
      this.element.value = value;
    }
  }
}

class MomentControl extends TextControl {
  make(told) {
    return made("input", { type: told.kind });
  }

  get isText() {
    return false;
  }
}

class ListControl {
  constructor(told, changed) {
    const options = told.options.map(({ value, label }) => made("option", { value }, label));
    this.element = made("select", { id: `field-${told.key}` }, made("option", { value: "" }), ...options);
    this.element.addEventListener("change", () => changed({}));
  }

  get() {
    return this.element.value;
  }

  set(value) {
    this.element.value = value;
  }

  readOnly(isReadOnly) {
    this.element.disabled = isReadOnly;
  }

  focus() {
    this.element.focus();
  }
}

// Options beside each other, of which one or several are chosen.
class OptionsControl {
  constructor(told, changed) {
    this.isSeveral = told.kind !== "choice";
    const type = this.isSeveral ? "checkbox" : "radio";
    this.inputs = told.options.map(({ value }) => made("input", { type, name: `field-${told.key}`, value }));
    const labels = this.inputs.map((input, place) => made("label", {}, input, told.options[place].label));
    this.element = made("div", { class: "options", id: `field-${told.key}` }, ...labels);
    this.element.addEventListener("change", () => changed({}));
    this.element.addEventListener("keydown", (event) => this.key(event, changed));
  }

  // What was chosen by mistake among several is taken back.
  key(event, changed) {
    if (["Delete", "Backspace"].includes(event.key) && !this.isSeveral && !event.target.disabled) {
      event.preventDefault();
      this.set("");
      changed({});
    }
  }

  get() {
    const chosen = this.inputs.filter((input) => input.checked).map((input) => input.value);
    return this.isSeveral ? chosen : (chosen[0] ?? "");
  }

  set(value) {
    const chosen = this.isSeveral ? [value].flat() : [value];
    this.inputs.forEach((input) => (input.checked = chosen.includes(input.value)));
  }

  readOnly(isReadOnly) {
    this.inputs.forEach((input) => (input.disabled = isReadOnly));
  }

  focus() {
    (this.inputs.find((input) => input.checked) ?? this.inputs[0])?.focus();
  }
}

class CheckControl {
  constructor(told, changed) {
    this.ticked = told.options?.[0]?.value ?? TICKED;
    this.element = made("input", { type: "checkbox", id: `field-${told.key}` });
    this.element.addEventListener("change", () => changed({}));
  }

  get() {
    return this.element.checked ? this.ticked : "";
  }

  set(value) {
    this.element.checked = value === this.ticked;
  }

  readOnly(isReadOnly) {
    this.element.disabled = isReadOnly;
  }

  focus() {
    this.element.focus();
  }
}

// The control of a field, as the server describes it; `changed` is called with `isTyped`.
function controlOf(told, changed) {
  const classes = {
    text: TextControl, longText: LongTextControl, number: NumberControl, date: MomentControl, time: MomentControl,
    choice: told.options?.length > MOST_BESIDE ? ListControl : OptionsControl, choices: OptionsControl,
    check: CheckControl,
  };
  return new classes[told.kind](told, changed);
}
