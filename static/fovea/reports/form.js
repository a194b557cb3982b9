// The report's form: the template's sections with their fields, in its order; what is missing and what is unconfirmed.
"use strict";

class Form {
  constructor(page) {
    this.page = page;
    this.fields = new Map();
    this.latest = null;
    this.element = document.getElementById("report");
    this.element.addEventListener("submit", (event) => event.preventDefault());
    this.missing = document.getElementById("missing");
    this.missingList = document.getElementById("missing-list");
    document.getElementById("confirm-all").addEventListener("click", () => this.confirmAll());
    page.draft.listen((key) => this.changed(key));
  }

  start({ title, sections }) {
    document.getElementById("title").textContent = title;
    document.getElementById("sections").replaceChildren(...sections.map((section) => this.section(section, 3)));
    this.show();
  }

  section({ key, title, items }, level) {
    const heading = made(`h${Math.min(level, 6)}`, { id: `heading-${key}` }, title);
    const within = items.map((item) => this.item(item, level + 1));
    return made("section", { class: "part", "aria-labelledby": heading.id }, heading, ...within);
  }

  // The server says which one an item is.
  item(item, level) {
    if (item.section) {
      return this.section(item.section, level);
    }
    return item.field ? this.field(item.field) : made("p", { class: "standing" }, item.note.text ?? item.note);
  }

  field(told) {
    const field = new Field(this.page, told);
    this.fields.set(told.key, field);
    return field.element;
  }

  changed(key) {
    this.fields.get(key)?.show();
    this.tellMissing();
  }

  show() {
    for (const field of this.fields.values()) {
      field.show();
    }
    this.tellMissing();
  }

  get all() {
    return [...this.fields.values()];
  }

  // The field that has the focus, or had it last.
  get current() {
    const key = document.activeElement?.closest?.(".field")?.dataset.key;
    return this.fields.get(key) ?? this.latest;
  }

  tellMissing() {
    const open = this.all.filter((field) => field.isMissing || field.isUnconfirmed);
    this.missing.hidden = !open.length || !this.page.mayWrite;
    this.missingList.replaceChildren(...open.map((field) => made("li", {}, this.jump(field))));
  }

  jump(field) {
    const { words } = this.page;
    const text = field.isMissing ? field.told.label : filled(words.toConfirm, { label: field.told.label });
    return button(text, () => field.control.focus(), { class: "plain" });
  }

  confirmAll() {
    this.all.forEach((field) => field.confirm());
  }

  // By so many fields on from where one is.
  go(step) {
    const place = this.all.indexOf(this.current);
    const next = place < 0 && step < 0 ? this.all.at(-1) : this.all[place + step];
    next?.control.focus();
  }

  goToMissing() {
    const { all } = this;
    const place = all.indexOf(this.current);
    const inTurn = [...all.slice(place + 1), ...all.slice(0, place + 1)];
    inTurn.find((field) => field.isMissing)?.control.focus();
  }

  // A field's value as a text.
  textOf(told, value) {
    const labels = [value ?? ""].flat().map((each) => told.options?.find((option) => option.value === each)?.label ?? each);
    return labels.join(", ");
  }
}
