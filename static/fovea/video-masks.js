// The board on which masks are drawn: by mouse, finger or keys, or by their numbers. The form's field holds them as JSON.
"use strict";

const board = document.getElementById("mask-board");
const drawing = board.querySelector("svg");
const picture = document.getElementById("mask-picture");
const lines = document.getElementById("mask-rows");
const field = document.querySelector("#masks textarea");
const words = JSON.parse(document.getElementById("mask-words").textContent);
const most = Number(document.getElementById("masks").dataset.most);
const SIDES = ["left", "top", "width", "height"];
const SVG = "http://www.w3.org/2000/svg";
// In parts of the picture: the least that a mask has, what a press of a key moves, what a new one begins with.
const LEAST = 0.005;
const STEP = 0.01;
const FIRST = { left: 0.05, top: 0.05, width: 0.2, height: 0.1 };
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const masks = JSON.parse(field.value || "[]");
let held = null;

const between = (value, least, greatest) => Math.min(greatest, Math.max(least, value));
const rounded = (value) => Math.round(value * 10000) / 10000;

// Within the picture, and large enough to be seen.
function set(mask, changes) {
  const wanted = { ...mask, ...changes };
  mask.width = rounded(between(wanted.width, LEAST, 1));
  mask.height = rounded(between(wanted.height, LEAST, 1));
  mask.left = rounded(between(wanted.left, 0, 1 - mask.width));
  mask.top = rounded(between(wanted.top, 0, 1 - mask.height));
}

function called(number) {
  return words.name.replace("{number}", number + 1);
}

function rectangle(mask, number) {
  const made = document.createElementNS(SVG, "rect");
  made.setAttribute("tabindex", "0");
  made.setAttribute("role", "img");
  made.setAttribute("aria-label", called(number));
  made.addEventListener("keydown", (event) => pressed(event, mask));
  made.addEventListener("pointerdown", (event) => hold(event, mask, true));
  return made;
}

function line(mask, number) {
  const made = document.createElement("tr");
  made.insertCell().textContent = called(number);
  for (const side of SIDES) {
    const input = document.createElement("input");
    Object.assign(input, { type: "number", min: 0, max: 100, step: 0.1, className: "fovea-input" });
    input.setAttribute("aria-label", `${called(number)}: ${words[side]}`);
    input.title = words[side];
    input.addEventListener("change", () => {
      set(mask, { [side]: input.valueAsNumber / 100 || 0 });
      show();
    });
    made.insertCell().append(input);
  }
  const away = document.createElement("button");
  Object.assign(away, { type: "button", className: "fovea-button", textContent: words.remove });
  away.addEventListener("click", () => remove(mask));
  made.insertCell().append(away);
  return made;
}

// Made anew where there is another number of masks; else what is held or focused would be gone.
function show() {
  if (lines.rows.length !== masks.length) {
    drawing.replaceChildren(...masks.map(rectangle));
    lines.replaceChildren(...masks.map(line));
  }
  for (const [number, mask] of masks.entries()) {
    const made = drawing.children[number];
    const places = { x: mask.left, y: mask.top, width: mask.width, height: mask.height };
    for (const [attribute, part] of Object.entries(places)) {
      made.setAttribute(attribute, part * 1000);
    }
    for (const [place, side] of SIDES.entries()) {
      lines.rows[number].querySelectorAll("input")[place].value = rounded(mask[side] * 100);
    }
  }
  field.value = JSON.stringify(masks);
}

function redraw() {
  lines.replaceChildren();
  show();
}

function add(mask) {
  if (masks.length >= most) {
    return null;
  }
  masks.push(mask);
  set(mask, {});
  redraw();
  return mask;
}

function remove(mask) {
  masks.splice(masks.indexOf(mask), 1);
  redraw();
  (drawing.lastElementChild ?? document.getElementById("mask-add")).focus();
}

function pressed(event, mask) {
  const way = ARROWS[event.key];
  if (event.key === "Delete" || event.key === "Backspace") {
    event.preventDefault();
    remove(mask);
  } else if (way) {
    event.preventDefault();
    const [right, down] = way.map((each) => each * STEP);
    const grown = { width: mask.width + right, height: mask.height + down };
    set(mask, event.shiftKey ? grown : { left: mask.left + right, top: mask.top + down });
    show();
  }
}

// Where on the board a pointer is, in parts of it.
function point(event) {
  const box = drawing.getBoundingClientRect();
  return {
    x: between((event.clientX - box.left) / box.width, 0, 1),
    y: between((event.clientY - box.top) / box.height, 0, 1),
  };
}

function hold(event, mask, isMoved) {
  event.preventDefault();
  event.stopPropagation();
  drawing.setPointerCapture(event.pointerId);
  drawing.children[masks.indexOf(mask)].focus();
  held = { mask, isMoved, from: point(event), before: { ...mask } };
}

function drag(event) {
  if (!held) {
    return;
  }
  const { mask, isMoved, from, before } = held;
  const { x, y } = point(event);
  if (isMoved) {
    set(mask, { left: before.left + x - from.x, top: before.top + y - from.y });
  } else {
    const size = { width: Math.abs(x - from.x), height: Math.abs(y - from.y) };
    set(mask, { left: Math.min(x, from.x), top: Math.min(y, from.y), ...size });
  }
  show();
}

drawing.addEventListener("pointerdown", (event) => {
  const { x, y } = point(event);
  const mask = add({ left: x, top: y, width: LEAST, height: LEAST });
  if (mask) {
    hold(event, mask, false);
  }
});
drawing.addEventListener("pointermove", drag);
for (const kind of ["pointerup", "pointercancel"]) {
  drawing.addEventListener(kind, () => (held = null));
}
document.getElementById("mask-add").addEventListener("click", () => {
  if (add({ ...FIRST })) {
    drawing.lastElementChild.focus();
  }
});
document.getElementById("mask-video")?.addEventListener("change", (event) => {
  picture.src = event.target.value;
  picture.hidden = !event.target.value;
});
document.getElementById("mask-file").addEventListener("change", (event) => {
  const reader = new FileReader();
  reader.addEventListener("load", () => {
    picture.src = reader.result;
    picture.hidden = false;
  });
  const [file] = event.target.files;
  if (file) {
    reader.readAsDataURL(file);
  }
});
show();
