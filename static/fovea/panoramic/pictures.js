// Images of the volume as the REST API gives them: values, and where they lie in the patient.
"use strict";

// What the server refused, in its words; and that it was not reached at all.
class Refused extends Error {}
class Unreached extends Error {}

// A problem document in words (RFC 9457).
function problem(answer) {
  const errors = (answer.errors ?? []).map((error) => error.detail);
  return errors.length ? errors.join(" ") : (answer.detail ?? "");
}

// The answer, where all is well. Throws Refused and Unreached; whoever is no longer signed in is asked to.
async function asked(address, options = {}) {
  const answer = await fetch(address, options).catch(() => {
    throw new Unreached();
  });
  if (answer.status === 401) {
    location.assign(`/accounts/login/?next=${encodeURIComponent(location.pathname)}`);
  }
  if (!answer.ok) {
    throw new Refused(problem(await answer.json().catch(() => ({}))));
  }
  return answer;
}

// What there is of an address, with these parameters; those that are null are left out.
function addressOf(path, parameters) {
  const given = Object.entries(parameters).filter(([, value]) => value !== null && value !== undefined);
  return `${path}?${new URLSearchParams(given)}`;
}

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
