// A client of resumable uploads (tus 1.0.0): sends a file in pieces, and goes on where the server is after whatever broke.
"use strict";

class Resumable {
  static VERSION = { "Tus-Resumable": "1.0.0" };
  static PIECE = 64 << 20;
  // Milliseconds before it is tried again; then it waits for a person.
  static PAUSES = [500, 1000, 3000, 5000, 10000, 20000, 20000];
  static MEMORY = "fovea-upload ";

  // `changed` is called with "sending", "waiting", "paused", "sent" or "failed", and how many bytes are there.
  constructor(file, endpoint, metadata, changed) {
    this.file = file;
    this.endpoint = endpoint;
    this.metadata = metadata;
    this.changed = changed;
    this.offset = 0;
    this.state = "waiting";
    this.request = null;
    this.wake = null;
    const what = [file.name, file.size, file.lastModified, JSON.stringify(metadata)];
    this.memory = Resumable.MEMORY + what.join(" ");
  }

  // Resolves to the address of the job that has taken the file; null when it was paused or taken back.
  async send() {
    this.tell("sending");
    let failures = 0;
    while (this.state === "sending") {
      const before = this.offset;
      const answer = await this.step();
      if (answer && this.offset === this.file.size) {
        localStorage.removeItem(this.memory);
        this.tell("sent");
        return answer.getResponseHeader("Fovea-Job");
      }
      failures = this.offset > before ? 0 : failures + 1;
      if (!answer && this.state === "sending" && !(await this.rest(failures))) {
        this.tell("paused");
      }
    }
    return null;
  }

  pause() {
    this.tell("paused");
    this.request?.abort();
    this.wake?.();
  }

  async takeBack() {
    this.pause();
    const place = localStorage.getItem(this.memory);
    localStorage.removeItem(this.memory);
    if (place) {
      await this.ask("DELETE", place);
    }
  }

  // One request: where to go on, a beginning, or a piece. Its answer, or null where it should be tried again.
  async step() {
    const place = localStorage.getItem(this.memory);
    if (!place) {
      return this.begin();
    }
    const there = await this.ask("HEAD", place);
    if ([403, 404, 410].includes(there?.status)) {
      localStorage.removeItem(this.memory);
      return null;
    }
    if (!this.goesOn(there) || this.offset === this.file.size) {
      return there?.status === 200 ? there : null;
    }
    const piece = this.file.slice(this.offset, this.offset + Resumable.PIECE);
    const from = this.offset;
    const fields = { "Upload-Offset": String(from), "Content-Type": "application/offset+octet-stream" };
    const sent = await this.ask("PATCH", place, fields, piece, (loaded) => this.tell(this.state, from + loaded));
    return this.goesOn(sent) ? sent : null;
  }

  async begin() {
    const pairs = Object.entries(this.metadata).map(([name, value]) => `${name} ${Resumable.base64(value)}`);
    const fields = { "Upload-Length": String(this.file.size), "Upload-Metadata": pairs.join(",") };
    const begun = await this.ask("POST", this.endpoint, fields);
    if (begun?.status !== 201) {
      return null;
    }
    localStorage.setItem(this.memory, new URL(begun.getResponseHeader("Location"), location.href).pathname);
    return this.goesOn(begun) ? begun : null;
  }

  goesOn(answer) {
    if (!answer || answer.status >= 300) {
      return false;
    }
    this.offset = Number(answer.getResponseHeader("Upload-Offset"));
    this.tell(this.state);
    return true;
  }

  // The answer; null where none came, or one that says to come again. What can't be mended is told, and ends it.
  ask(method, place, fields = {}, body = null, progress = () => {}) {
    return new Promise((resolve) => {
      const request = new XMLHttpRequest();
      this.request = request;
      request.open(method, place);
      for (const [name, value] of Object.entries({ ...Resumable.VERSION, ...fields })) {
        request.setRequestHeader(name, value);
      }
      request.upload.onprogress = (event) => progress(event.loaded);
      request.onerror = request.onabort = () => resolve(null);
      request.onload = () => resolve(this.judged(request, method));
      request.send(body);
    });
  }

  judged(request, method) {
    // Another offset than the server's is found out by asking; a practice without room has none in a second either.
    const isElsewhere = request.status === 409 && method === "PATCH";
    const isLater = request.status >= 500 && request.status !== 507;
    if (request.status < 300 || [404, 410].includes(request.status)) {
      return request;
    }
    if (!isLater && !isElsewhere && ![423, 429].includes(request.status)) {
      this.problem = Resumable.words(request);
      this.tell("failed");
    }
    return null;
  }

  // Whether it is worth another try after a pause, which ends early when somebody goes on.
  async rest(failures) {
    if (failures > Resumable.PAUSES.length) {
      return false;
    }
    this.tell("sending", this.offset, true);
    await new Promise((resolve) => {
      this.wake = resolve;
      setTimeout(resolve, Resumable.PAUSES[failures - 1] ?? 0);
    });
    return true;
  }

  tell(state, at = this.offset, isBroken = false) {
    this.state = state;
    this.changed(state, at, isBroken);
  }

  static words(request) {
    try {
      const problem = JSON.parse(request.responseText);
      const errors = (problem.errors ?? []).map((error) => error.detail);
      return errors.length ? errors.join(" ") : problem.detail;
    } catch {
      return request.statusText;
    }
  }

  static base64(text) {
    return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
  }
}
