// What becomes of the report: preliminary, signed, amended, discarded.
"use strict";

// Until the PDF and the structured report are made and stored.
const STORED_MS = 2000;

class Signing {
  constructor(page) {
    this.page = page;
    this.part = (id) => document.getElementById(id);
    this.sign = new Asking(page, "sign-dialog", () => this.signNow());
    this.amend = new Asking(page, "amend-dialog", () => this.amendNow());
    this.discard = new Asking(page, "discard-dialog", () => this.discardNow());
    this.part("sign").addEventListener("click", () => this.open());
    this.part("preliminary").addEventListener("click", () => page.tried(() => this.makePreliminary()));
    this.part("amend").addEventListener("click", () => this.openAmend());
    this.part("discard").addEventListener("click", () => this.discard.open());
  }

  show({ status, mayWrite, maySign, signatures }) {
    const { words, mayReport } = this.page;
    this.part("sign").hidden = !maySign;
    this.part("preliminary").hidden = !mayWrite || status !== "draft";
    this.part("amend").hidden = !mayReport || !["final", "amended"].includes(status);
    this.part("discard").hidden = !mayWrite;
    this.part("discard-said").textContent = status === "amending" ? words.discardAmendment : words.discardDraft;
    this.list(signatures);
  }

  list(signatures) {
    const { words } = this.page;
    const place = this.part("signatures");
    place.hidden = !signatures.length;
    place.replaceChildren(...signatures.map((row) => {
      const who = [row.name.replaceAll("^", " ").trim(), row.credentials].filter(Boolean).join(", ");
      const state = row.isStored ? words.stored : words.storing;
      const text = [filled(words.signature, { number: row.number }), whenOf(row.signedAt), row.reason].filter(Boolean).join(" · ");
      return made("li", {}, made("strong", {}, made("bdi", {}, who)), made("span", {}, state), made("small", {}, text));
    }));
    this.follow(signatures);
  }

  // A job makes what is stored of a signature.
  follow(signatures) {
    clearTimeout(this.follows);
    if (signatures.some((row) => !row.isStored)) {
      this.follows = setTimeout(() => this.page.tried(() => this.look()), STORED_MS);
    }
  }

  async look() {
    this.list(rowsOf(await (await asked(`${this.page.addresses.report}/signatures`, { stays: true })).json()));
  }

  async open() {
    if (this.part("sign").hidden) {
      return;
    }
    await this.page.saving.now();
    const open = this.page.form.all.filter((field) => field.isMissing || field.isUnconfirmed);
    const list = this.part("sign-missing");
    list.hidden = !open.length;
    list.replaceChildren(...open.map((field) => made("li", {}, this.problemOf(field))));
    this.part("password").value = "";
    this.sign.open();
    this.part("password").focus();
  }

  problemOf(field) {
    const { words } = this.page;
    return filled(field.isMissing ? words.isMissing : words.toConfirm, { label: field.told.label });
  }

  async signNow() {
    const { page } = this;
    if (!(await page.saving.now())) {
      this.sign.say(page.words.saveFirst);
      return false;
    }
    await this.post("sign", { password: this.part("password").value, revision: page.draft.revision });
    await page.refresh();
    page.say(page.words.signed);
    return true;
  }

  openAmend() {
    this.part("amend-reason").value = "";
    this.amend.open();
    this.part("amend-reason").focus();
  }

  async amendNow() {
    this.page.take(await (await this.post("amend", { reason: this.part("amend-reason").value.trim() })).json());
  }

  async makePreliminary() {
    if (await this.page.saving.now()) {
      this.page.take(await (await this.post("preliminary", {})).json());
    }
  }

  async discardNow() {
    const { page } = this;
    const answer = await asked(page.addresses.report, { method: "DELETE", stays: true });
    page.draft.forget();
    await page.saving.keep();
    if (answer.status === 204) {
      location.assign(page.addresses.elsewhere);
    } else {
      page.take(await answer.json());
    }
  }

  post(what, body) {
    const address = `${this.page.addresses.report}/${what}`;
    return asked(address, { method: "POST", headers: JSON_TYPE, body: JSON.stringify(body), stays: true });
  }
}
