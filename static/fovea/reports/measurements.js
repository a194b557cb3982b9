// The study's measurements: which of them the report prints as a table.
"use strict";

class Measurements {
  constructor(page) {
    this.page = page;
    this.rows = [];
    this.part = document.getElementById("part-measurements");
    this.place = document.getElementById("measurements");
    page.draft.listen((key) => key === MEASUREMENTS && this.show());
  }

  async start() {
    this.rows = rowsOf(await (await asked(`${this.page.addresses.report}/measurements`, { stays: true })).json());
    this.show();
  }

  get chosen() {
    return this.page.draft.get(MEASUREMENTS) ?? [];
  }

  show() {
    const rows = this.rows.filter((row) => this.page.mayWrite || this.chosen.includes(row.id));
    this.part.hidden = !rows.length;
    this.place.replaceChildren(made("table", { class: "measured" }, this.head(), made("tbody", {}, ...rows.map((row) => this.row(row)))));
  }

  head() {
    const { words, mayWrite } = this.page;
    const names = [words.measurement, words.value, words.earlier, words.change];
    const cells = names.map((name) => made("th", { scope: "col" }, name));
    const first = mayWrite ? made("th", { scope: "col" }, made("span", { class: "unseen" }, words.printed)) : null;
    return made("thead", {}, made("tr", {}, first, ...cells));
  }

  row(row) {
    const { words, mayWrite } = this.page;
    const name = [row.label, row.site].filter(Boolean).join(", ");
    const unverified = row.isVerified ? null : made("span", { class: "chip open" }, words.unverified);
    const label = row.link ? made("a", { href: row.link, target: "_blank" }, name) : made("span", {}, name);
    const last = row.earlier?.at(-1);
    return made(
      "tr", {}, mayWrite ? made("td", {}, this.tick(row, name)) : null,
      made("th", { scope: "row" }, label, unverified ? " " : null, unverified),
      made("td", { class: "number" }, row.text),
      made("td", {}, last ? filled(words.earlierValue, { value: last.text ?? last.value, date: dayOf(last.date) }) : ""),
      made("td", { class: "number" }, typeof row.change === "number" ? `${signedNumber.format(row.change)} %` : ""),
    );
  }

  tick(row, name) {
    const input = made("input", { type: "checkbox", "aria-label": name, checked: this.chosen.includes(row.id) });
    input.addEventListener("change", () => this.choose(row, input.checked));
    return input;
  }

  // In the order of the table.
  choose(row, isChosen) {
    const kept = new Set(this.chosen);
    kept[isChosen ? "add" : "delete"](row.id);
    const known = this.rows.map(({ id }) => id).filter((id) => kept.has(id));
    const others = [...kept].filter((id) => !known.includes(id));
    this.page.draft.set(MEASUREMENTS, [...known, ...others]);
  }
}
