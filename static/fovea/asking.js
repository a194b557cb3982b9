// The REST API, asked by a page of the house.
"use strict";

// What the server refused, in its words, with what it answered; and that it was not reached at all.
class Refused extends Error {
  constructor(status, answer) {
    super(problem(answer));
    this.status = status;
    this.answer = answer;
  }
}
class Unreached extends Error {}

// A problem document in words (RFC 9457).
function problem(answer) {
  const errors = (answer.errors ?? []).map((error) => error.detail);
  return errors.length ? errors.join(" ") : (answer.detail ?? "");
}

// The answer, where all is well. Throws Refused and Unreached; whoever is no longer signed in is asked to, unless the
// page `stays`, since something on it is not saved.
async function asked(address, { stays = false, ...options } = {}) {
  const answer = await fetch(address, options).catch(() => {
    throw new Unreached();
  });
  if (answer.status === 401 && !stays) {
    location.assign(`/accounts/login/?next=${encodeURIComponent(location.pathname)}`);
  }
  if (!answer.ok) {
    throw new Refused(answer.status, await answer.json().catch(() => ({})));
  }
  return answer;
}

// What there is of an address, with these parameters; those that are null are left out.
function addressOf(path, parameters) {
  const given = Object.entries(parameters).filter(([, value]) => value !== null && value !== undefined);
  return `${path}?${new URLSearchParams(given)}`;
}

// The words of a text with its places filled.
function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}
