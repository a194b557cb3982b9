// Somebody else has saved since. Fields that they alone have changed become theirs, those that we alone have changed
// stay ours; of a field that both have changed, whoever sits here chooses, seeing both.
"use strict";

class Conflict {
  constructor(page) {
    this.page = page;
    this.dialog = document.getElementById("conflict");
    this.list = document.getElementById("conflict-fields");
    this.who = document.getElementById("conflict-who");
    document.getElementById("conflict-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.choose();
    });
    // It is left by choosing alone.
    this.dialog.addEventListener("cancel", (event) => event.preventDefault());
  }

  // Resolves when it is settled: whether to go on saving.
  async settle() {
    const { page } = this;
    const report = await page.read();
    if (!report) {
      return false;
    }
    const contested = this.contested(report);
    if (contested.length && report.mayWrite) {
      page.saving.isHeld = true;
      await this.ask(report, contested);
      page.saving.isHeld = false;
    }
    page.take(report);
    return page.mayWrite;
  }

  // The keys that both have changed, not to the same.
  contested(report) {
    const { draft } = this.page;
    const theirs = Draft.partsOf(report.content);
    return [...draft.unsent()]
      .map(([key, mine]) => ({ key, mine, theirs: theirs.get(key) ?? null }))
      .filter(({ key, mine, theirs }) => !isSame(theirs, mine) && !isSame(theirs, draft.saved.get(key)));
  }

  ask(report, contested) {
    const { words } = this.page;
    this.contests = contested;
    this.who.textContent = filled(words.changedBy, { name: report.changedBy?.name ?? report.changedBy ?? "" });
    this.list.replaceChildren(...contested.map((contest, number) => this.row(contest, number)));
    this.dialog.showModal();
    return new Promise((resolve) => (this.resolve = resolve));
  }

  row({ key, mine, theirs }, number) {
    const { words } = this.page;
    const isText = typeof mine?.value === "string" && typeof theirs?.value === "string";
    return made(
      "fieldset", { class: "contest" },
      made("legend", {}, this.page.labelOf(key)),
      this.side(number, "mine", words.mine, this.page.shown(key, mine), true),
      this.side(number, "theirs", words.theirs, this.page.shown(key, theirs)),
      isText ? this.side(number, "both", words.both, "") : null,
    );
  }

  side(number, value, label, text, isChosen = false) {
    const choice = made("input", { type: "radio", name: `contest-${number}`, value, checked: isChosen });
    return made("label", { class: "side" }, choice, made("strong", {}, label), made("bdi", { class: "text" }, text));
  }

  choose() {
    const { draft } = this.page;
    this.contests.forEach(({ key, mine, theirs }, number) => {
      const chosen = this.list.querySelector(`[name="contest-${number}"]:checked`).value;
      if (chosen === "theirs") {
        draft.set(key, theirs);
      } else if (chosen === "both") {
        draft.set(key, { ...mine, value: `${mine.value}\n${theirs.value}` });
      }
    });
    this.dialog.close();
    this.resolve();
  }
}
