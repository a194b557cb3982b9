// Critical findings of the study: raised here, and whether somebody has acknowledged them.
"use strict";

class Critical {
  constructor(page) {
    this.page = page;
    this.part = document.getElementById("part-critical");
    this.list = document.getElementById("criticals");
    this.text = document.getElementById("critical-text");
    this.urgency = document.getElementById("critical-urgency");
    this.asking = new Asking(page, "critical", () => this.raise());
    document.getElementById("critical-open").addEventListener("click", () => this.open());
  }

  async start() {
    const given = { study: this.page.study };
    this.show(rowsOf(await (await asked(addressOf(this.page.addresses.critical, given), { stays: true })).json()));
  }

  show(rows) {
    const { words } = this.page;
    this.part.hidden = !rows.length;
    this.list.replaceChildren(...rows.map((row) => {
      const state = row.acknowledgedAt ? words.acknowledged : words.notAcknowledged;
      const whom = row.acknowledgedBy?.name ?? row.acknowledgedBy;
      const told = [whom, whenOf(row.acknowledgedAt ?? row.dueAt), row.how].filter(Boolean).join(" · ");
      return made("li", {}, made("strong", {}, row.text), made("span", {}, state), made("small", {}, told));
    }));
  }

  open() {
    const { current } = this.page.form;
    const { value = "", selectionStart, selectionEnd } = current?.control.isText ? current.control.element : {};
    this.text.value = value.slice(selectionStart, selectionEnd).replace(/\s+/gu, " ").trim();
    this.asking.open();
    this.text.focus();
  }

  async raise() {
    const { addresses, study, id } = this.page;
    const body = JSON.stringify({ study, report: id, urgency: this.urgency.value, text: this.text.value });
    await asked(addresses.critical, { method: "POST", headers: JSON_TYPE, body, stays: true });
    this.page.say(this.page.words.raised);
    await this.start();
  }
}
