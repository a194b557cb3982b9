// What stands beside the report: the images, earlier studies, its history, and how it will look.
"use strict";

const TABS = ["images", "priors", "history", "preview"];

class Beside {
  constructor(page) {
    this.page = page;
    this.tabs = TABS.map((name) => document.getElementById(`tab-${name}`));
    this.panels = TABS.map((name) => document.getElementById(`panel-${name}`));
    this.preview = document.getElementById("preview");
    this.chosen = "images";
    this.tabs.forEach((tab, place) => tab.addEventListener("click", () => this.choose(TABS[place])));
    this.tabs[0].parentElement.addEventListener("keydown", (event) => this.key(event));
  }

  choose(name) {
    this.chosen = name;
    this.page.desk.hide(false);
    TABS.forEach((each, place) => {
      const isChosen = each === name;
      this.tabs[place].setAttribute("aria-selected", String(isChosen));
      this.tabs[place].tabIndex = isChosen ? 0 : -1;
      this.panels[place].hidden = !isChosen;
    });
    this.refresh();
  }

  // What is shown there is asked for when it is looked at.
  refresh() {
    const asks = { priors: () => this.showPriors(), history: () => this.showHistory(), preview: () => this.showPreview() };
    return this.page.tried(asks[this.chosen] ?? (() => null));
  }

  key(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) {
      event.preventDefault();
      const place = (TABS.indexOf(this.chosen) + step + TABS.length) % TABS.length;
      this.choose(TABS[place]);
      this.tabs[place].focus();
    }
  }

  panel(name, ...within) {
    this.panels[TABS.indexOf(name)].replaceChildren(...within);
  }

  async showPriors() {
    this.priors ??= rowsOf(await (await asked(`${this.page.addresses.report}/priors`, { stays: true })).json());
    const { words } = this.page;
    const rows = this.priors.map((prior) => this.prior(prior));
    this.panel("priors", ...(rows.length ? rows : [made("p", { class: "hint" }, words.noPriors)]));
  }

  prior(told) {
    const { words, viewer } = this.page;
    const link = made("a", { href: told.viewerUrl, target: "_blank" }, words.openImages);
    link.addEventListener("click", (event) => viewer.follow(event, told.viewerUrl));
    const modalities = [told.modalities ?? []].flat().join(", ");
    const head = [dayOf(told.date), modalities, told.description].filter(Boolean).join(" · ");
    return made(
      "article", { class: "prior" },
      made("h3", {}, made("bdi", {}, head)), made("p", { class: "links" }, link),
      ...this.priorReports(told),
    );
  }

  // The text of the one that was signed last, and links to all.
  priorReports({ reports, text, language }) {
    if (!reports.length) {
      return [made("p", { class: "hint" }, this.page.words.noReport)];
    }
    const links = reports.map(({ title, pdfUrl, signedAt }) =>
      made("li", {}, made("a", { href: pdfUrl, target: "_blank" }, title), made("span", {}, whenOf(signedAt))),
    );
    return [made("div", { class: "report-text", lang: language }, text), made("ul", { class: "entries" }, ...links)];
  }

  async showHistory() {
    this.revisions = rowsOf(await (await asked(`${this.page.addresses.report}/revisions`, { stays: true })).json());
    const { words } = this.page;
    if (this.revisions.length < 2) {
      this.panel("history", made("p", { class: "hint" }, words.noHistory));
      return;
    }
    this.from = this.choice("from", words.from, 1);
    this.to = this.choice("to", words.to, 0);
    this.difference = made("div", { class: "difference", lang: this.page.language });
    this.panel("history", made("div", { class: "settings" }, this.from.label, this.to.label), this.difference);
    await this.showDifference();
  }

  choice(name, text, place) {
    const options = this.revisions.map((revision, at) => this.option(revision, at === place));
    const select = made("select", { id: `difference-${name}` }, ...options);
    select.addEventListener("change", () => this.page.tried(() => this.showDifference()));
    return { select, label: made("label", {}, text, select) };
  }

  option({ number, status, changedAt, changedBy }, selected) {
    const { words } = this.page;
    const text = [number, words[status], changedBy?.name ?? changedBy, whenOf(changedAt)].filter(Boolean).join(" · ");
    return made("option", { value: number, selected }, text);
  }

  async showDifference() {
    const given = { from: this.from.select.value, to: this.to.select.value };
    const told = await (await asked(addressOf(`${this.page.addresses.report}/differences`, given), { stays: true })).json();
    const parts = told.fields.map((field) => this.changedField(field));
    this.difference.replaceChildren(...(parts.length ? parts : [made("p", { class: "hint" }, this.page.words.noDifference)]));
  }

  changedField({ label, parts }) {
    const names = { inserted: "ins", deleted: "del", same: "span" };
    return made("section", {}, made("h3", {}, label), made("p", {}, ...parts.map(({ what, text }) => made(names[what], {}, text))));
  }

  async showPreview() {
    await this.page.saving.now();
    this.preview.src = addressOf(`${this.page.addresses.report}/html`, { revision: this.page.draft.revision });
  }
}
