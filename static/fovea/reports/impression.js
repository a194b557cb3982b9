// Findings to impression: what is chosen in a text, else all that was written or changed in the findings, becomes lines
// of the impression. What only says what the template says by itself is no finding.
"use strict";

// Headings of PS3.16 CID 7001 and of LOINC.
const FINDINGS = ["DCM 121070", "DCM 121071", "LN 59776-5", "LN 18782-3"];
const IMPRESSIONS = ["DCM 121072", "DCM 121073", "DCM 121076", "DCM 121077", "LN 19005-8"];

class Impression {
  constructor(page) {
    this.page = page;
    this.button = document.getElementById("impression");
    // The choice in a text is gone once the button has been pressed down.
    this.button.addEventListener("mousedown", (event) => event.preventDefault());
    this.button.addEventListener("click", () => this.write());
  }

  start({ sections }) {
    this.findings = fieldsBelow(sections, FINDINGS);
    this.target = fieldsBelow(sections, IMPRESSIONS).find((told) => told.kind === "longText")?.key;
    this.button.hidden = !this.target || !this.findings.length;
  }

  write() {
    const field = this.page.form.fields.get(this.target);
    const before = field.value;
    const lines = this.lines().filter((line) => !before.includes(line));
    if (!lines.length) {
      this.page.say(this.page.words.noFindings);
      return;
    }
    const text = (before && !before.endsWith("\n") ? "\n" : "") + lines.join("\n");
    field.replace(before.length, before.length, text);
    field.control.focus();
  }

  lines() {
    return this.chosen() ?? this.findings.flatMap((told) => this.lineOf(told)).filter(Boolean);
  }

  chosen() {
    const { current } = this.page.form;
    if (!current?.control.isText || current.key === this.target) {
      return null;
    }
    const { value, selectionStart, selectionEnd } = current.control.element;
    const text = value.slice(selectionStart, selectionEnd).trim();
    return text ? text.split("\n").map((line) => line.trim()).filter(Boolean) : null;
  }

  lineOf(told) {
    const value = this.page.draft.valueOf(told.key);
    if (isEmpty(value) || isSame(value, told.default)) {
      return [];
    }
    const text = this.page.form.textOf(told, value);
    if (told.kind === "longText") {
      const standing = [told.default].flat().join("\n").split("\n").map((line) => line.trim());
      return text.split("\n").map((line) => line.trim()).filter((line) => !standing.includes(line));
    }
    return [`${told.label}: ${text}${told.unit ? ` ${unitOf(told.unit)}` : ""}`];
  }
}

// The fields in sections of these headings, and below them.
function fieldsBelow(sections, headings) {
  return sections.flatMap((section) => {
    const isMeant = headings.includes(`${section.code?.scheme} ${section.code?.value}`);
    const below = section.items.map((item) => item.section).filter(Boolean);
    return isMeant ? everyField(section) : fieldsBelow(below, headings);
  });
}

function everyField({ items }) {
  return items.flatMap((item) => (item.section ? everyField(item.section) : (item.field ?? [])));
}
