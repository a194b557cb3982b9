// Dictation: what is spoken goes to the server at each pause, and what it has heard lands where the cursor is, marked
// until somebody confirms it; or is done, where it is a command.
"use strict";

const LISTEN_MS = 400;
const LISTENED = ["done", "failed"];
// Written without a space before it, and what stands before it without one after it.
const CLOSES = /^[\s.,:;?!)\]}%。，、；：？！）]/u;
const OPENS = /(^|[\s([{（])$/u;
const SPOKEN_NUMBER = /-?\d+(?:[.,]\d+)?/u;
// Headings that can be gone to (PS3.16 CID 7001, and LOINC), by the commands.
const PLACES = {
  goToFindings: FINDINGS, goToImpression: IMPRESSIONS,
  goToTechnique: ["DCM 121064", "DCM 121065", "LN 55111-9"], goToHistory: ["DCM 121060", "DCM 121062", "DCM 121109", "LN 11329-0", "LN 18785-6"],
  goToRecommendations: ["DCM 121074", "DCM 121075", "LN 18783-1"],
};

class Dictating {
  constructor(page) {
    this.page = page;
    this.button = document.getElementById("dictate");
    this.mode = document.getElementById("dictation-mode");
    this.recording = null;
    // What was heard is written in the order in which it was said.
    this.heard = Promise.resolve();
    this.button.addEventListener("mousedown", (event) => event.preventDefault());
    this.button.addEventListener("click", () => this.toggle());
    this.mode.addEventListener("change", () => this.say(this.reason));
  }

  async start() {
    this.engines = rowsOf(await (await asked(`${this.page.addresses.dictations}/engines`, { stays: true })).json());
    const first = this.engines.find((engine) => engine.language === this.page.language && engine.isAvailable);
    this.mode.value = first?.mode ?? this.mode.value;
  }

  // Why nothing can be dictated in this way, or nothing.
  get reason() {
    const { words, language } = this.page;
    const engine = this.engines?.find((each) => each.mode === this.mode.value && each.language === language);
    if (!window.isSecureContext) {
      return words.insecure;
    }
    return Recording.isPossible ? (engine?.reason ?? "") : words.noMicrophone;
  }

  say(text) {
    this.page.say(text);
  }

  toggle() {
    return this.recording ? this.stop() : this.begin();
  }

  async begin() {
    if (this.reason) {
      this.say(this.reason);
      return;
    }
    this.recording = new Recording((sound) => this.listen(sound), () => this.stop());
    this.show(true);
    try {
      await this.recording.start();
      this.say(this.page.words.listening);
    } catch (error) {
      await this.stop();
      this.say(this.refusal(error));
    }
  }

  // The browser's own errors, by their names (Media Capture and Streams).
  refusal({ name }) {
    const { words } = this.page;
    return { NotAllowedError: words.microphoneRefused, NotFoundError: words.noMicrophone }[name] ?? words.microphoneBroken;
  }

  async stop() {
    const { recording } = this;
    this.recording = null;
    this.show(false);
    this.say("");
    await recording?.stop();
  }

  show(isOn) {
    this.button.setAttribute("aria-pressed", String(isOn));
    this.button.classList.toggle("on", isOn);
    this.button.textContent = isOn ? this.page.words.stopDictating : this.page.words.dictate;
  }

  // A piece of sound, from one pause to the next.
  listen(sound) {
    const dictation = this.recognised(sound);
    this.heard = this.heard.then(() => this.page.tried(async () => this.write(await dictation)));
    // It is waited for in its turn.
    dictation.catch(() => null);
  }

  async recognised(sound) {
    const { addresses, language } = this.page;
    const address = addressOf(addresses.dictations, { mode: this.mode.value, language });
    const headers = { "Content-Type": "audio/wav" };
    let dictation = await (await asked(address, { method: "POST", headers, body: sound, stays: true })).json();
    while (!LISTENED.includes(dictation.state)) {
      await new Promise((resolve) => setTimeout(resolve, LISTEN_MS));
      dictation = await (await asked(`${addresses.dictations}/${dictation.id}`, { stays: true })).json();
    }
    return dictation;
  }

  write({ state, error, pieces }) {
    const { words } = this.page;
    if (state === "failed") {
      this.say(error || words.notHeard);
      return;
    }
    this.say(pieces.every(({ kind }) => kind === "unheard") ? words.notHeard : this.told());
    for (const piece of pieces) {
      this.do(piece);
    }
  }

  told() {
    return this.recording ? this.page.words.listening : "";
  }

  do({ kind, command, text, said }) {
    if (kind === "command") {
      this.command(command);
    } else if (kind === "phrase") {
      this.put(text, { kind: "phrase", said: filled(this.page.words.phrase, { name: said }) });
    } else if (kind === "text") {
      this.put(text, { kind: "dictation", said: this.page.words.dictated });
    }
  }

  put(text, { kind, said }) {
    const field = this.page.form.current;
    if (!field) {
      this.say(this.page.words.chooseField);
    } else if (field.told.kind === "number") {
      this.putNumber(field, text, said);
    } else if (field.control.isText) {
      this.putText(field, text, { kind, said, reference: "", link: "" });
    } else {
      this.say(filled(this.page.words.notHere, { text }));
    }
  }

  putText(field, text, source) {
    const { element } = field.control;
    const start = element.selectionStart;
    const isJoined = CLOSES.test(text) || OPENS.test(field.value.slice(0, start));
    const line = field.told.kind === "text" ? text.replace(/\s*\n\s*/gu, " ") : text;
    field.insert(isJoined ? line : ` ${line}`, { source, isConfirmed: false });
    this.page.placeholders.chooseIn(field, start, line);
  }

  putNumber(field, text, said) {
    const [value] = SPOKEN_NUMBER.exec(text) ?? [];
    if (value) {
      const number = value.replace(",", ".");
      field.write({ value: number, source: { kind: "dictation", said, filled: number, reference: "", link: "" }, isConfirmed: false });
    } else {
      this.say(filled(this.page.words.notHere, { text }));
    }
  }

  command(name) {
    const { form, placeholders, beside, impression, signing, saving } = this.page;
    const does = {
      nextField: () => form.go(1), previousField: () => form.go(-1),
      nextPlaceholder: () => form.current && placeholders.go(form.current),
      undo: () => form.current?.undo(), redo: () => form.current?.redo(), deleteThat: () => form.current?.undo(),
      confirm: () => form.current?.confirm(), confirmAll: () => form.confirmAll(), save: () => saving.now(),
      sign: () => signing.open(), preview: () => beside.choose("preview"), findingsToImpression: () => impression.write(),
      stopListening: () => this.stop(),
    }[name];
    if (does) {
      does();
    } else if (PLACES[name]) {
      this.goTo(PLACES[name]);
    }
  }

  goTo(headings) {
    const [told] = fieldsBelow(this.page.structure.sections, headings);
    this.page.form.fields.get(told?.key)?.control.focus();
  }
}
