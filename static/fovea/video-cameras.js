// The page on which the films of several cameras are sent as one procedure.
"use strict";

const form = document.getElementById("upload");
const said = JSON.parse(document.getElementById("upload-words").textContent);
const told = document.getElementById("said");
const bar = form.querySelector(".fovea-bar");
const cameras = [...form.querySelectorAll(".fovea-camera")];
const whose = new Whose(form, said.chooseLead);
const ASK_MS = 1500;
const ENDED = ["done", "failed", "cancelled"];

function align() {
  for (const each of form.querySelectorAll("[name=startedAt]")) {
    each.closest("label").hidden = form.elements.alignment.value !== "times";
  }
}

function filled() {
  const body = new FormData();
  for (const [name, value] of Object.entries(whose.told())) {
    if (value) {
      body.append(name, value);
    }
  }
  body.append("alignment", form.elements.alignment.value);
  for (const camera of cameras) {
    const [file] = camera.querySelector("[name=files]").files;
    if (file) {
      body.append("cameras", camera.querySelector("[name=cameras]").value);
      if (form.elements.alignment.value === "times") {
        body.append("startedAt", Whose.zoned(camera.querySelector("[name=startedAt]").value));
      }
      body.append("files", file, file.name);
    }
  }
  return body;
}

// The procedure that came of it; throws what a person reads.
function send(body) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", form.dataset.to);
    request.upload.onprogress = ({ loaded, total }) =>
      bar.querySelector(".fill").setAttribute("width", (100 * loaded) / total);
    request.onerror = () => reject(new Error(said.broken));
    request.onload = () => {
      const answer = JSON.parse(request.responseText);
      const wrong = (answer.errors ?? []).map((error) => error.detail).join(" ");
      request.status < 300 ? resolve(answer) : reject(new Error(wrong || answer.detail));
    };
    request.send(body);
  });
}

// The procedure once it is aligned; throws what a person reads.
async function follow(procedure) {
  while (!ENDED.includes(procedure.state)) {
    told.textContent = said.aligning;
    await new Promise((resolve) => setTimeout(resolve, ASK_MS));
    procedure = await (await fetch(`${form.dataset.to}/${procedure.id}`)).json();
  }
  if (procedure.state !== "done") {
    throw new Error([procedure.error || said.stopped, advice(procedure)].filter(Boolean).join(" "));
  }
  return procedure;
}

// Where the sounds told nothing, times do: the films are still chosen.
function advice(procedure) {
  if (procedure.state !== "failed" || procedure.alignment !== "sound") {
    return "";
  }
  form.elements.alignment.value = "times";
  align();
  return said.again;
}

form.addEventListener("change", align);
align();
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button.primary");
  button.disabled = true;
  bar.removeAttribute("hidden");
  told.className = "fovea-quiet";
  told.textContent = said.sending;
  try {
    const { id } = await follow(await send(filled()));
    location.href = form.dataset.page.replace("/0/", `/${id}/`);
  } catch (error) {
    told.className = "fovea-warning";
    told.textContent = error.message;
    button.disabled = false;
  }
});
