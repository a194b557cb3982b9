// The page: what its parts share, and who is told when something changes.
"use strict";

class ReportPage {
  constructor() {
    Object.assign(this, JSON.parse(document.getElementById("report-page").textContent));
    this.words = JSON.parse(document.getElementById("report-words").textContent);
    this.note = document.getElementById("note");
    this.warnings = document.getElementById("warnings");
    this.mayWrite = false;
    this.isWrong = false;
    this.draft = new Draft();
    this.keeping = new Keeping(this.id, this.key);
    this.conflict = new Conflict(this);
    this.desk = new Desk();
    this.viewer = new ReportViewer(this);
    this.beside = new Beside(this);
    this.form = new Form(this);
    this.phrases = new Phrases(this);
    this.placeholders = new Placeholders(this);
    this.impression = new Impression(this);
    this.measurements = new Measurements(this);
    this.pictures = new KeyImages(this);
    this.saving = new Saving(this);
    this.presence = new PresencePart(this);
    this.dictating = new Dictating(this);
    this.critical = new Critical(this);
    this.signing = new Signing(this);
    this.keyboard = new Keyboard(this);
    document.getElementById("fill").addEventListener("click", () => this.tried(() => this.fill()));
  }

  async start() {
    this.viewer.start();
    const report = await this.ask();
    this.structure = report.structure;
    this.form.start(report.structure);
    this.impression.start(report.structure);
    this.take(report);
    await this.takeUpKept(report);
    this.say("");
    this.presence.start();
    await this.startAids();
  }

  // Each may fail alone.
  async startAids() {
    const aids = [this.measurements, ...(this.mayReport ? [this.phrases, this.dictating, this.critical] : [])];
    await Promise.all(aids.map((aid) => this.tried(() => aid.start())));
  }

  async ask() {
    return (await asked(this.addresses.report, { stays: true })).json();
  }

  // The report as it is on the server, or null where it can't be read now: that is said.
  async read() {
    try {
      return await this.ask();
    } catch (error) {
      this.saving.later("offline");
      this.say(this.reasonOf(error));
      return null;
    }
  }

  async refresh() {
    this.take(await this.ask());
  }

  // The report as the server has it now; what is not saved yet stays.
  take(report) {
    this.mayWrite = report.mayWrite;
    document.body.classList.toggle("reading", !report.mayWrite);
    document.body.dataset.status = report.status;
    document.getElementById("status").textContent = this.words[report.status];
    this.tellReason(report);
    this.draft.take(report.revision, report.content);
    this.form.show();
    this.measurements.show();
    this.pictures.show();
    this.signing.show(report);
    this.tellLate();
    this.beside.refresh();
    if (this.mayWrite && !this.draft.isChanged) {
      this.saving.show("saved");
    }
  }

  tellReason({ reason, status }) {
    const said = document.getElementById("reason");
    said.hidden = !reason || !["amending", "amended"].includes(status);
    said.textContent = filled(this.words.amendedFor, { reason });
  }

  // Signed by somebody else before this was sent.
  tellLate() {
    const isLate = this.draft.isChanged && !this.mayWrite;
    const labels = [...this.draft.changedKeys].map((key) => this.labelOf(key));
    this.warn("late", isLate ? filled(this.words.late, { fields: new Intl.ListFormat(speaking).format(labels) }) : "");
  }

  // What a page before this one could not send.
  async takeUpKept(report) {
    const kept = await this.keeping.find();
    if (!kept?.changes.length) {
      return;
    }
    this.draft.takeUp(kept.changes);
    this.warn("kept", this.words.takenUp);
    if (kept.revision !== report.revision) {
      await this.conflict.settle();
    }
    await this.saving.now();
    this.warn("kept", "");
  }

  // What the server answers to a change.
  heard({ others, changedAt }, values) {
    this.presence.show(others);
    this.saving.said.title = whenOf(changedAt);
    if (values.has(PICTURES) && !this.draft.changedKeys.has(PICTURES)) {
      this.pictures.saved();
    }
  }

  async fill() {
    if (await this.saving.now()) {
      this.take(await (await this.signing.post("fill", {})).json());
      this.say(this.words.filledIn);
    }
  }

  labelOf(key) {
    const names = { [MEASUREMENTS]: this.words.measurements, [PICTURES]: this.words.keyImages };
    return names[key] ?? this.form.fields.get(key)?.told.label ?? key;
  }

  // A part's value as a text.
  shown(key, value) {
    if (key === MEASUREMENTS || key === PICTURES) {
      return String(value?.length ?? 0);
    }
    const told = this.form.fields.get(key)?.told;
    return told ? this.form.textOf(told, value?.value) : "";
  }

  say(text) {
    this.isWrong = false;
    this.note.textContent = text;
  }

  // What stays until it is settled, one text for each matter.
  warn(matter, text) {
    const before = this.warnings.querySelector(`[data-matter="${matter}"]`);
    if (!text) {
      before?.remove();
    } else if (before?.textContent !== text) {
      before?.remove();
      this.warnings.append(made("p", { class: "error", "data-matter": matter }, text));
    }
  }

  // In words; a mistake of the page's own goes on to the browser's console.
  reasonOf(error) {
    if (!(error instanceof Refused || error instanceof Unreached)) {
      throw error;
    }
    if (error.status === SIGNED_OUT) {
      return this.words.signedOut;
    }
    return error instanceof Refused ? error.message : this.words.broken;
  }

  // Does it, and says what went wrong.
  async tried(make) {
    try {
      await make();
      if (this.isWrong) {
        this.say("");
      }
    } catch (error) {
      this.say(this.reasonOf(error));
      this.isWrong = true;
    }
  }
}

const reportPage = new ReportPage();
reportPage.tried(() => reportPage.start());
