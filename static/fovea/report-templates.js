// The source of a report template: shown as one types, and written by buttons for who would rather not write HTML.
"use strict";

const place = document.getElementById("report-template");
const source = place.querySelector("textarea[name]");
const problems = document.getElementById("template-problems");
const frame = document.getElementById("template-preview");
const kind = document.getElementById("template-kind");
const label = document.getElementById("template-label");
const choices = document.getElementById("template-options");
const unit = document.getElementById("template-unit");
const required = document.getElementById("template-required");
const said = document.getElementById("template-said");
const words = JSON.parse(document.getElementById("template-words").textContent);
// After the last key, before the server is asked.
const PAUSE = 500;
const INPUTS = { text: "text", number: "number", date: "date", time: "time", check: "checkbox" };
const TYPES = { text: "TEXT", longText: "TEXT", number: "NUMBER", date: "DATE", time: "TIME", check: "CHECKBOX" };
let waiting = 0;
let number = 0;

function paragraph(text, name = "") {
  const made = document.createElement("p");
  made.textContent = text;
  made.className = name;
  return made;
}

// A heading, and what is told of each line below it.
function list(heading, told, name) {
  const lines = document.createElement("ul");
  for (const each of told) {
    const line = document.createElement("li");
    line.textContent = each.line ? `${filled(words.line, { line: each.line })} ${each.text}` : each.text;
    lines.append(line);
  }
  return [paragraph(heading, name), lines];
}

function tell(answer) {
  const wrong = answer.problems.length ? list(words.wrong, answer.problems, "bad") : [paragraph(words.fine, "fovea-quiet")];
  const left = answer.leftOut.length ? list(words.leftOut, answer.leftOut, "fovea-quiet") : [];
  problems.replaceChildren(...wrong, ...left);
  if (answer.html) {
    frame.srcdoc = answer.html;
  }
}

// Only the newest answer is shown: one that was asked for before may come after it.
async function preview() {
  const mine = ++number;
  const body = JSON.stringify({ source: source.value });
  const options = { method: "POST", headers: { "Content-Type": "application/json" }, body, stays: true };
  try {
    const answer = await (await asked(place.dataset.preview, options)).json();
    if (mine === number) {
      tell(answer);
    }
  } catch (error) {
    if (mine === number) {
      problems.replaceChildren(paragraph(error instanceof Refused ? error.message : words.unreached, "bad"));
    }
  }
}

function soon() {
  clearTimeout(waiting);
  waiting = setTimeout(preview, PAUSE);
}

function escaped(text) {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}

// An id that no element has yet, from what the element is called.
function fresh(text) {
  const plain = text.normalize("NFKD").replace(/[^A-Za-z0-9]+/g, "-").replace(/^-+|-+$/g, "").toLowerCase().slice(0, 50);
  const base = plain || "field";
  let found = base;
  for (let next = 2; source.value.includes(`id="${found}"`); next += 1) {
    found = `${base}-${next}`;
  }
  return found;
}

function box(id) {
  const must = required.checked ? "PROHIBIT" : "NONE";
  const type = TYPES[kind.value] ?? "SELECTION_LIST";
  const attributes = `id="${id}" name="${escaped(label.value.trim())}" data-field-type="${type}" data-field-completion-action="${must}"`;
  if (kind.value === "longText") {
    return `<textarea ${attributes} rows="3"></textarea>`;
  }
  if (kind.value === "choice" || kind.value === "choices") {
    const wanted = choices.value.split("\n").map((each) => each.trim()).filter(Boolean);
    const options = wanted.map((each) => `<option value="${escaped(each)}">${escaped(each)}</option>`);
    const first = kind.value === "choice" ? ['<option value=""></option>'] : [];
    return `<select ${attributes}${kind.value === "choices" ? " multiple" : ""}>\n${[...first, ...options].join("\n")}\n</select>`;
  }
  const measured = kind.value === "number" ? ` data-field-units="${escaped(unit.value.trim())}" step="any"` : "";
  const value = kind.value === "check" ? ' value="true"' : "";
  return `<input type="${INPUTS[kind.value]}" ${attributes}${measured}${value}>`;
}

function written() {
  const text = escaped(label.value.trim());
  const id = fresh(label.value);
  if (kind.value === "section") {
    return `<section id="${id}" class="level1" data-section-name="${text}">\n<header class="level1">${text}</header>\n</section>\n`;
  }
  return kind.value === "note" ? `<p>${text}</p>\n` : `<p><label for="${id}">${text}</label>\n${box(id)}</p>\n`;
}

// Where something new goes: before the end of the section at the cursor, of the last one where the cursor is in none;
// a section after it.
function spot() {
  const end = "</section>";
  const at = source.value.indexOf(end, source.selectionStart);
  const last = at < 0 ? source.value.lastIndexOf(end) : at;
  if (kind.value !== "section") {
    return last;
  }
  return last < 0 ? source.value.indexOf("</body>") : last + end.length + 1;
}

function add() {
  const at = spot();
  said.textContent = at < 0 ? words.noSection : "";
  if (at < 0 || !label.value.trim()) {
    label.focus();
    return;
  }
  const text = written();
  source.focus();
  source.setRangeText(text, at, at, "end");
  source.setSelectionRange(at + text.length - 1, at + text.length - 1);
  label.value = "";
  choices.value = "";
  preview();
}

function fit() {
  for (const each of place.querySelectorAll("[data-for]")) {
    each.hidden = !each.dataset.for.split(" ").includes(kind.value);
  }
}

source.addEventListener("input", soon);
kind.addEventListener("change", fit);
document.getElementById("template-add").addEventListener("click", add);
label.addEventListener("keydown", (event) => {
  if (event.key === "Enter") {
    event.preventDefault();
    add();
  }
});
fit();
preview();
