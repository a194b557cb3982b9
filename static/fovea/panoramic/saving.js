// The panoramic and its cross-sections become series of the study: a job does it, is followed and can be cancelled.
"use strict";

const ASK_MS = 1000;
const ENDED = ["done", "failed", "cancelled"];

class Saving {
  constructor(page) {
    this.page = page;
    const ids = ["save", "cancel", "saved", "progress", "saving-said"];
    [this.save, this.cancel, this.saved, this.bar, this.said] = ids.map((id) => document.getElementById(id));
    this.save?.addEventListener("click", () => this.start());
    this.cancel?.addEventListener("click", () => this.stop());
  }

  async start() {
    this.busy(true);
    this.tell(this.page.words.waiting);
    try {
      await this.follow(await this.ask());
    } catch (error) {
      this.tell(this.page.reasonOf(error));
    } finally {
      this.busy(false);
    }
  }

  async ask() {
    const { page } = this;
    const body = { kind: "panoramic", parameters: page.chosen() };
    const headers = { "Content-Type": "application/json" };
    const answer = await asked(page.addresses.analyses, { method: "POST", headers, body: JSON.stringify(body) });
    return answer.json();
  }

  async follow(analysis) {
    this.id = analysis.id;
    this.cancel.hidden = false;
    while (!ENDED.includes(analysis.state)) {
      this.show(analysis);
      await new Promise((resolve) => setTimeout(resolve, ASK_MS));
      analysis = await (await asked(`${this.page.addresses.analysis}/${this.id}`)).json();
    }
    this.end(analysis);
  }

  show({ state, progress }) {
    const { words } = this.page;
    const percent = progress?.percent ?? 0;
    this.bar.value = percent;
    this.tell(state === "running" ? filled(words.running, { percent }) : words.waiting);
  }

  end(analysis) {
    const { words } = this.page;
    const texts = { done: words.saved, cancelled: words.cancelled, failed: analysis.error || words.failed };
    this.tell(texts[analysis.state]);
    if (analysis.state === "done") {
      this.saved.href = analysis.viewerUrl ?? this.page.addresses.viewer;
      this.saved.hidden = false;
    }
  }

  async stop() {
    await this.page.tried(() => asked(`${this.page.addresses.analysis}/${this.id}/cancel`, { method: "POST" }));
  }

  busy(isBusy) {
    this.save.disabled = isBusy;
    this.bar.hidden = !isBusy;
    this.cancel.hidden = true;
    if (isBusy) {
      this.saved.hidden = true;
      this.bar.removeAttribute("value");
    }
  }

  tell(text) {
    this.said.textContent = text;
  }
}
