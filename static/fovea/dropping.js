// What pages have in common on which large files are dropped: one after the other is sent, and each has a line with its
// bar, what goes on, and buttons.
"use strict";

const form = document.getElementById("upload");
const input = document.getElementById("files");
const drop = input.closest("label");
const rows = document.getElementById("uploads");
const unfinished = document.getElementById("unfinished");
const said = JSON.parse(document.getElementById("upload-words").textContent);
let queue = Promise.resolve();

function button(text, pressed) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "fovea-button";
  made.textContent = text;
  made.addEventListener("click", pressed);
  return made;
}

// A row of the list: the file's name, a bar, what goes on, and buttons.
class Row {
  constructor(list, name) {
    const line = document.getElementById("upload-row").content.cloneNode(true).firstElementChild;
    this.line = line;
    this.bar = line.querySelector(".fill");
    this.state = line.querySelector(".state");
    this.buttons = line.querySelector(".fovea-actions");
    line.querySelector("strong").textContent = name;
    list.append(line);
  }

  show(text, percent) {
    this.state.textContent = text;
    if (percent !== undefined) {
      this.bar.setAttribute("width", percent);
    }
  }

  offer(...buttons) {
    this.buttons.replaceChildren(...buttons);
  }

  fail(text) {
    this.line.classList.add("failed");
    this.show(text);
    this.offer();
  }
}

function size(bytes) {
  const power = Math.min(3, Math.max(1, Math.floor(Math.log2(bytes || 1) / 10)));
  const unit = ["", "kilobyte", "megabyte", "gigabyte"][power];
  const format = { style: "unit", unit, maximumFractionDigits: power === 3 ? 2 : 0 };
  return new Intl.NumberFormat(document.documentElement.lang, format).format(bytes / 1024 ** power);
}

function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

// The buttons and words of an upload, by its state.
function watch(row, upload, again) {
  return (state, at, isBroken) => {
    const percent = upload.file.size ? (100 * at) / upload.file.size : 100;
    const much = filled(said.of, { sent: size(at), size: size(upload.file.size) });
    if (state === "failed") {
      row.fail(upload.problem);
      return;
    }
    row.show([said[isBroken ? "broken" : state], state === "waiting" ? "" : much].filter(Boolean).join(" · "), percent);
    if (row.shown !== state) {
      row.shown = state;
      const back = button(said.takeBack, () => upload.takeBack().then(() => row.line.remove()));
      const buttons = { sending: [button(said.pause, () => upload.pause())], paused: [button(said.goOn, again), back] };
      row.offer(...(buttons[state] ?? []));
    }
  };
}

function isOurs(upload) {
  return upload.user === form.dataset.user && upload.purpose === form.dataset.purpose;
}

// What this person has begun and not ended, here or elsewhere.
async function list() {
  const answer = await fetch(`${form.dataset.to}?unfinished=true&limit=50`);
  const found = answer.ok ? (await answer.json()).results.filter(isOurs) : [];
  for (const each of found) {
    const row = new Row(unfinished, each.name);
    row.line.dataset.file = `${each.name} ${each.length}`;
    const much = filled(said.of, { sent: size(each.offset), size: size(each.length) });
    row.show(each.error || `${much} · ${said.chooseAgain}`, each.percent);
    row.offer(
      button(said.takeBack, async () => {
        await fetch(`${form.dataset.to}/${each.id}`, { method: "DELETE", headers: Resumable.VERSION });
        row.line.remove();
        unfinished.closest("section").hidden = !unfinished.children.length;
      }),
    );
  }
  unfinished.closest("section").hidden = !found.length;
}

// Lets files be dropped on the form. `describe` gives what is said of each besides its name, `follow` is called with the
// line and the job of a file that has arrived.
function dropping(describe, follow) {
  function start(file) {
    // What the form says now holds for this file, whatever is typed while it waits.
    const metadata = { filename: file.webkitRelativePath || file.name, purpose: form.dataset.purpose, ...describe() };
    const row = new Row(rows, file.name);
    const upload = new Resumable(file, form.dataset.to, metadata, (...told) => shown(...told));
    const run = async () => {
      const job = await upload.send();
      if (job) {
        follow(row, job);
      }
    };
    const shown = watch(row, upload, () => (queue = queue.then(run)));
    shown("waiting", 0);
    queue = queue.then(() => (upload.state === "waiting" ? run() : null));
  }

  function take(files) {
    if (!form.reportValidity()) {
      return;
    }
    for (const file of files) {
      for (const line of [...unfinished.children].filter((each) => each.dataset.file === `${file.name} ${file.size}`)) {
        line.remove();
      }
      start(file);
    }
    unfinished.closest("section").hidden = !unfinished.children.length;
  }

  input.addEventListener("change", () => {
    take([...input.files]);
    input.value = "";
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  for (const kind of ["dragover", "dragleave", "drop"]) {
    drop.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", kind === "dragover");
    });
  }
  drop.addEventListener("drop", (event) => take([...event.dataTransfer.files]));
  list();
}
