// Images of the volume as the REST API gives them: values, and where they lie in the patient.
"use strict";

class Pictures {
  // So many are kept, the newest: going back and forth through cross-sections asks for nothing.
  static MOST = 60;

  constructor() {
    this.kept = new Map();
  }

  // `rows`, `columns`, `values` (a value is one of them times `slope` plus `intercept`), `unit`, and `plane`.
  async get(path, parameters) {
    const address = addressOf(path, { ...parameters, format: "raw", type: "int16" });
    const found = this.kept.get(address) ?? (await this.read(address));
    this.kept.delete(address);
    this.kept.set(address, found);
    if (this.kept.size > Pictures.MOST) {
      this.kept.delete(this.kept.keys().next().value);
    }
    return found;
  }

  async read(address) {
    const answer = await asked(address);
    const told = JSON.parse(answer.headers.get("Fovea-Image"));
    const bytes = await answer.arrayBuffer();
    const values = told.type === "int16" ? new Int16Array(bytes) : new Float32Array(bytes);
    return { ...told, values };
  }
}
