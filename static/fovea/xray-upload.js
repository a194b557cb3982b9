// The page on which X-rays are dropped: sends one file after the other.
"use strict";

const form = document.getElementById("xray-upload");
const files = document.getElementById("files");
const drop = files.closest("label");
const uploads = document.getElementById("uploads");
// What the page says, in its own language.
const said = form.dataset;
let queue = Promise.resolve();

function words(problem) {
  const errors = (problem.errors ?? []).map((error) => error.detail);
  return errors.length ? errors.join(" ") : problem.detail;
}

function row(name) {
  const line = document.createElement("li");
  const picture = document.createElement("span");
  picture.className = "fovea-thumb";
  const text = document.createElement("span");
  const what = document.createElement("strong");
  const state = document.createElement("span");
  what.textContent = name;
  state.textContent = said.waiting;
  state.className = "fovea-quiet";
  text.append(what, state);
  line.append(picture, text);
  uploads.append(line);
  return { line, picture, state };
}

async function send(file, body, shown) {
  body.append("file", file, file.name);
  shown.state.textContent = said.sending;
  try {
    const answer = await fetch(form.dataset.to, { method: "POST", body });
    const stored = await answer.json();
    if (!answer.ok) {
      shown.line.classList.add("failed");
      shown.state.textContent = words(stored);
      return;
    }
    const image = document.createElement("img");
    image.alt = "";
    image.src = new URL(stored.thumbnailUrl).pathname;
    shown.picture.append(image);
    const what = answer.status === 201 ? said.stored : said.known;
    shown.state.textContent = [what, ...stored.warnings].join(" ");
  } catch {
    shown.line.classList.add("failed");
    shown.state.textContent = said.broke;
  }
}

function take(list) {
  for (const file of list) {
    // What the form says now holds for this file, whatever is typed while it waits.
    const body = new FormData(form);
    for (const [name, value] of [...body]) {
      if (!value) {
        body.delete(name);
      }
    }
    const shown = row(file.name);
    queue = queue.then(() => send(file, body, shown));
  }
}

files.addEventListener("change", () => {
  take(files.files);
  files.value = "";
});
form.addEventListener("submit", (event) => event.preventDefault());
for (const kind of ["dragover", "dragleave", "drop"]) {
  drop.addEventListener(kind, (event) => {
    event.preventDefault();
    drop.classList.toggle("over", kind === "dragover");
  });
}
drop.addEventListener("drop", (event) => take(event.dataTransfer.files));
