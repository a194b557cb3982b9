// Phrases: texts by their names. Typed with a point before it and a space after it a name becomes its text; a slash
// opens a list to choose from.
"use strict";

const CALLED = /(?:^|[\s(])\.([^\s.]{1,80}) $/u;
const SLASHED = /(?:^|\s)\/([^\s/]{0,40})$/u;
const MOST_SHOWN = 8;

class Phrases {
  constructor(page) {
    this.page = page;
    this.rows = [];
    this.list = made("ul", { class: "menu", id: "phrase-menu", role: "listbox", "aria-label": page.words.phrases, hidden: true });
    document.body.append(this.list);
    page.form.element.addEventListener("input", (event) => this.typed(event));
    // Before the keys that go on to another field.
    page.form.element.addEventListener("keydown", (event) => this.key(event), { capture: true });
    page.form.element.addEventListener("focusout", () => this.close());
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.asking = new Asking(page, "phrases", () => this.add());
    this.search = document.getElementById("phrases-search");
    this.search.addEventListener("input", () => this.showAll());
    document.getElementById("phrases-open").addEventListener("click", () => this.open());
  }

  async start() {
    const { addresses, language } = this.page;
    this.rows = await everyRow(addressOf(addresses.phrases, { language, limit: PAGE_ROWS }));
  }

  // A name without what can't be typed in it.
  static folded(name) {
    return name.toLocaleLowerCase(speaking).trim().replace(/\s+/gu, "-");
  }

  named(name) {
    const folded = Phrases.folded(name);
    return this.rows.find((row) => Phrases.folded(row.name) === folded);
  }

  matching(begun) {
    const folded = Phrases.folded(begun);
    const names = this.rows.map((row) => [Phrases.folded(row.name), row]);
    const fitting = names.filter(([name]) => name.includes(folded));
    const rank = ([name]) => (name.startsWith(folded) ? 0 : 1);
    return fitting.sort((one, other) => rank(one) - rank(other)).map(([, row]) => row);
  }

  typed(event) {
    const field = this.page.form.current;
    const { element } = field?.control ?? {};
    if (event.target !== element || !field.control.isText || event.isComposing) {
      return;
    }
    const before = element.value.slice(0, element.selectionStart);
    const called = CALLED.exec(before);
    const phrase = called && this.named(called[1]);
    if (phrase) {
      this.put(field, before.length - called[1].length - 2, before.length, phrase);
    } else {
      this.offer(field, SLASHED.exec(before), before.length);
    }
  }

  // In place of what called it.
  put(field, start, end, phrase) {
    const source = { kind: "phrase", said: filled(this.page.words.phrase, { name: phrase.name }), reference: "", link: "" };
    const text = field.told.kind === "text" ? phrase.text.replace(/\s*\n\s*/gu, " ") : phrase.text;
    field.replace(start, end, text, { source });
    this.page.placeholders.chooseIn(field, start, text);
  }

  offer(field, slashed, end) {
    const rows = slashed ? this.matching(slashed[1]).slice(0, MOST_SHOWN) : [];
    if (!rows.length) {
      this.close();
      return;
    }
    this.offered = { field, rows, start: end - slashed[1].length - 1, end };
    this.list.replaceChildren(...rows.map((row, place) => this.option(row, place)));
    this.list.hidden = false;
    this.place(field.control.element);
    this.choose(0);
  }

  option(row, place) {
    const option = made("li", { role: "option", id: `phrase-option-${place}` }, made("strong", {}, row.name), made("span", {}, row.text));
    option.addEventListener("click", () => this.take(place));
    return option;
  }

  place(element) {
    const { left, bottom } = element.getBoundingClientRect();
    this.list.style.left = `${left + scrollX}px`;
    this.list.style.top = `${bottom + scrollY}px`;
    element.setAttribute("aria-controls", this.list.id);
  }

  choose(place) {
    this.chosen = place;
    [...this.list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === place)));
    this.offered.field.control.element.setAttribute("aria-activedescendant", `phrase-option-${place}`);
  }

  key(event) {
    if (this.list.hidden || event.isComposing) {
      return;
    }
    const count = this.offered.rows.length;
    const does = {
      ArrowDown: () => this.choose((this.chosen + 1) % count),
      ArrowUp: () => this.choose((this.chosen + count - 1) % count),
      Enter: () => this.take(this.chosen), Tab: () => this.take(this.chosen), Escape: () => this.close(),
    }[event.key];
    if (does && !event.altKey && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      event.stopPropagation();
      does();
    }
  }

  take(place) {
    const { field, rows, start, end } = this.offered;
    this.close();
    this.put(field, start, end, rows[place]);
  }

  close() {
    this.list.hidden = true;
    this.offered?.field.control.element.removeAttribute("aria-activedescendant");
  }

  open() {
    // Where the text goes when the dialog is closed.
    this.target = this.page.form.current;
    this.search.value = "";
    this.showAll();
    this.asking.open();
    this.search.focus();
  }

  showAll() {
    const rows = this.matching(this.search.value).map((row) => this.row(row));
    const none = made("li", {}, this.page.words.noPhrases);
    document.getElementById("phrases-list").replaceChildren(...(rows.length ? rows : [none]));
  }

  row(row) {
    const { words } = this.page;
    return made(
      "li", {}, button(row.name, () => this.insert(row), { class: "plain" }),
      row.mayChange ? made("span", {}, button(words.remove, () => this.remove(row), { class: "plain", "aria-label": `${words.remove}: ${row.name}` })) : null,
      made("small", {}, row.text),
    );
  }

  insert(row) {
    const field = this.target;
    this.asking.dialog.close();
    if (field?.control.isText) {
      const { selectionStart, selectionEnd } = field.control.element;
      field.control.focus();
      this.put(field, selectionStart, selectionEnd, row);
    }
  }

  async add() {
    const [name, text] = ["phrase-name", "phrase-text"].map((id) => document.getElementById(id));
    if (name.value.trim() && text.value.trim()) {
      const body = JSON.stringify({ name: name.value.trim(), text: text.value, language: this.page.language, isOwn: true });
      await asked(this.page.addresses.phrases, { method: "POST", headers: JSON_TYPE, body, stays: true });
      [name.value, text.value] = ["", ""];
      await this.start();
      this.showAll();
    }
    return false;
  }

  async remove(row) {
    await this.page.tried(() => asked(`${this.page.addresses.phrases}/${row.id}`, { method: "DELETE", stays: true }));
    await this.page.tried(() => this.start());
    this.showAll();
  }
}
