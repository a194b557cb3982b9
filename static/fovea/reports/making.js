// Elements and numbers as the page writes them. What comes from the server is put in as text, never as markup.
"use strict";

const MOST_ROWS = 1000;
const PAGE_ROWS = 200;

// An element with attributes (false, null and undefined leave one out, true is an empty one), and what is in it.
function made(name, attributes = {}, ...within) {
  const element = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) {
    if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(attribute, value === true ? "" : value);
    }
  }
  element.append(...within.filter((each) => each !== null && each !== undefined));
  return element;
}

function button(text, pressed, attributes = {}) {
  const element = made("button", { type: "button", ...attributes }, text);
  element.addEventListener("click", pressed);
  return element;
}

// The rows of an answer, however it lists them.
const rowsOf = (answer) => answer.results ?? answer;

// Of a list by pages every row, as far as there are not too many.
async function everyRow(address, most = MOST_ROWS) {
  const rows = [];
  for (let next = address; next && rows.length < most;) {
    const answer = await (await asked(next, { stays: true })).json();
    rows.push(...rowsOf(answer));
    next = answer.next;
  }
  return rows;
}

const isSame = (one, other) => JSON.stringify(one ?? null) === JSON.stringify(other ?? null);

const isEmpty = (value) => !value || value.length === 0 || (typeof value === "string" && !value.trim());

const speaking = document.documentElement.lang;
const signedNumber = new Intl.NumberFormat(speaking, { signDisplay: "exceptZero", maximumFractionDigits: 1 });
const moment = new Intl.DateTimeFormat(speaking, { dateStyle: "medium", timeStyle: "short" });

// A moment in ISO 8601, as people read it.
const whenOf = (text) => (text ? moment.format(new Date(text)) : "");

// DICOM's date (DA) as ISO 8601 writes it; another text stays.
function dayOf(text) {
  return (text ?? "").replace(/^(\d{4})(\d{2})(\d{2})$/, "$1-$2-$3");
}

// A dialog whose form is sent: `send` does it, and what is refused is said in the dialog.
class Asking {
  constructor(page, name, send) {
    this.page = page;
    this.dialog = document.getElementById(name);
    this.form = this.dialog.querySelector("form");
    this.error = this.dialog.querySelector(".error");
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.sent(send);
    });
    for (const close of this.dialog.querySelectorAll("[data-close]")) {
      close.addEventListener("click", () => this.dialog.close());
    }
  }

  open() {
    this.say("");
    this.dialog.showModal();
  }

  async sent(send) {
    this.busy(true);
    try {
      if ((await send()) !== false) {
        this.dialog.close();
      }
    } catch (error) {
      this.say(this.page.reasonOf(error));
    } finally {
      this.busy(false);
    }
  }

  busy(isBusy) {
    for (const each of this.form.querySelectorAll("[type=submit]")) {
      each.disabled = isBusy;
    }
  }

  say(text) {
    if (this.error) {
      this.error.textContent = text;
      this.error.hidden = !text;
    }
  }
}
