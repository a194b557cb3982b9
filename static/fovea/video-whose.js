// The part of a form that says whose videos are sent: of a step, an appointment or a lead, or as somebody writes.
"use strict";

class Whose {
  constructor(form, chooseLead) {
    this.form = form;
    this.chooseLead = chooseLead;
    this.parts = [...form.querySelectorAll("[data-whose]")];
    this.search = form.querySelector("#lead-search");
    form.addEventListener("change", () => this.choose());
    // A lead is chosen by a click in the list below its field.
    form.addEventListener("click", () => this.check());
    this.search.addEventListener("input", () => this.check());
    this.choose();
  }

  get kind() {
    return this.form.elements.whose.value;
  }

  // Fields of parts that were not chosen are off: they are not asked for, and not sent.
  choose() {
    for (const part of this.parts) {
      part.hidden = part.dataset.whose !== this.kind;
      for (const each of part.querySelectorAll("input, select")) {
        each.disabled = part.hidden;
      }
    }
    this.check();
  }

  check() {
    const isMissing = !this.search.disabled && !this.form.elements.leadId.value;
    this.search.setCustomValidity(isMissing ? this.chooseLead : "");
  }

  told() {
    const { step, appointment, leadId, familyName, givenName, patientId, patientBirthDate, patientSex, accessionNumber } =
      this.form.elements;
    return {
      step: { step: step?.value },
      appointment: { appointment: appointment?.value },
      lead: { lead: leadId.value },
      form: {
        patientName: [familyName.value, givenName.value].join("^").replace(/\^$/, ""),
        patientId: patientId.value,
        patientBirthDate: patientBirthDate.value,
        patientSex: patientSex.value,
        accessionNumber: accessionNumber.value,
      },
    }[this.kind];
  }

  // A moment as the browser's clock has it, with its zone; nothing of nothing.
  static zoned(text) {
    if (!text) {
      return "";
    }
    const minutes = -new Date(text).getTimezoneOffset();
    const parts = [Math.abs(minutes) / 60, Math.abs(minutes) % 60].map((each) => Math.floor(each));
    const zone = parts.map((each) => String(each).padStart(2, "0")).join(":");
    return `${text.padEnd(19, ":00")}${minutes < 0 ? "-" : "+"}${zone}`;
  }
}
