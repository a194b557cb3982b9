// A view: a picture in the window's greys, and above it what is drawn, in millimetres from the picture's upper left
// corner.
"use strict";

const SVG = "http://www.w3.org/2000/svg";
// Of a wheel: the pixels that are one step, and those that a line of it stands for.
const NOTCH = 80;
const LINE = 33;

const between = (value, least, greatest) => Math.min(greatest, Math.max(least, value));
const rounded = (value, digits = 1) => Number(value.toFixed(digits));

function drawn(name, attributes, kind = "") {
  const made = document.createElementNS(SVG, name);
  if (kind) {
    made.setAttribute("class", kind);
  }
  for (const [attribute, value] of Object.entries(attributes)) {
    made.setAttribute(attribute, value);
  }
  return made;
}

class Pane {
  // `page` has the tool that dragging uses. `own` says what is done here: `hold` begins a drag (and gives what becomes
  // of it: `moved` and `ended`), `wheeled` and `key` go on, `value` tells where the pointer is; and for measuring
  // `where`, `called`, `corner` and perhaps `isGone` and `lengthIn` (see Ruler).
  constructor(element, page, own = {}) {
    this.element = element;
    this.page = page;
    this.own = own;
    this.picture = null;
    this.turned = 0;
    this.canvas = document.createElement("canvas");
    this.overlay = drawn("svg", { preserveAspectRatio: "none", "aria-hidden": "true" });
    this.labels = document.createElement("div");
    this.labels.className = "labels";
    element.append(this.canvas, this.overlay, this.labels);
    this.listen();
  }

  listen() {
    const { element } = this;
    element.addEventListener("pointerdown", (event) => this.hold(event));
    element.addEventListener("pointermove", (event) => this.hover(event));
    element.addEventListener("pointerleave", () => this.own.value?.(null));
    element.addEventListener("contextmenu", (event) => event.preventDefault());
    element.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    element.addEventListener("keydown", (event) => this.key(event));
  }

  show(picture) {
    this.picture = picture;
    // Of the picture as it lies in the patient, in millimetres.
    this.width = picture.columns * picture.columnSpacing;
    this.height = picture.rows * picture.rowSpacing;
    this.overlay.setAttribute("viewBox", `0 0 ${this.width} ${this.height}`);
    this.element.style.setProperty("--ratio", this.width / this.height);
    this.paint();
  }

  paint() {
    const { picture, canvas } = this;
    if (picture) {
      // Setting a canvas' size empties it, which would flicker.
      if (canvas.width !== picture.columns || canvas.height !== picture.rows) {
        [canvas.width, canvas.height] = [picture.columns, picture.rows];
      }
      canvas.getContext("2d").putImageData(this.page.grey.paint(picture), 0, 0);
    }
  }

  // Where an event is: millimetres from the left and from the top.
  place(event) {
    const box = this.canvas.getBoundingClientRect();
    return {
      u: between((event.clientX - box.left) / box.width, 0, 1) * this.width,
      v: between((event.clientY - box.top) / box.height, 0, 1) * this.height,
    };
  }

  // Pixels of the screen in a millimetre.
  get scale() {
    return this.canvas.getBoundingClientRect().width / this.width;
  }

  valueAt({ u, v }) {
    const { rows, columns, rowSpacing, columnSpacing, values, slope, intercept } = this.picture;
    const row = between(Math.floor(v / rowSpacing), 0, rows - 1);
    const column = between(Math.floor(u / columnSpacing), 0, columns - 1);
    return values[row * columns + column] * slope + intercept;
  }

  hold(event) {
    if (!this.picture || event.button === 1) {
      return;
    }
    event.preventDefault();
    this.element.focus({ preventScroll: true });
    this.element.setPointerCapture(event.pointerId);
    const gesture = this.gesture(event);
    if (!gesture) {
      return;
    }
    const move = (moved) => moved.pointerId === event.pointerId && gesture.moved(moved);
    const leave = (left) => {
      if (left.pointerId === event.pointerId) {
        this.element.removeEventListener("pointermove", move);
        this.element.removeEventListener("pointerup", leave);
        this.element.removeEventListener("pointercancel", leave);
        gesture.ended?.(left);
      }
    };
    this.element.addEventListener("pointermove", move);
    this.element.addEventListener("pointerup", leave);
    this.element.addEventListener("pointercancel", leave);
  }

  // What a drag does: the secondary button always changes the window, as radiologists know it.
  gesture(event) {
    const { page } = this;
    if (event.button === 2 || page.tool === "grey") {
      const before = { center: page.grey.center, width: page.grey.width };
      const { clientX, clientY } = event;
      return { moved: (moved) => page.grey.drag(before, moved.clientX - clientX, moved.clientY - clientY) };
    }
    return page.tool === "measure" ? page.ruler.hold(this, this.place(event)) : (this.own.hold?.(event) ?? null);
  }

  hover(event) {
    if (this.picture) {
      this.own.value?.(this.place(event));
    }
  }

  wheel(event) {
    if (!this.picture || event.ctrlKey) {
      return;
    }
    event.preventDefault();
    const turned = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE : 1);
    this.turned = turned * this.turned > 0 ? this.turned + turned : turned;
    const steps = Math.trunc(this.turned / NOTCH);
    if (steps) {
      this.turned -= steps * NOTCH;
      this.own.wheeled?.(steps);
    }
  }

  key(event) {
    if (!this.picture || event.altKey || event.ctrlKey || event.metaKey) {
      return;
    }
    const isTaken = this.page.tool === "measure" && this.page.ruler.key(this, event);
    if (isTaken || this.own.key?.(event)) {
      event.preventDefault();
    }
  }

  // A text at a place, of the size of the page's texts.
  label(text, { u, v }, kind = "") {
    const made = document.createElement("span");
    made.textContent = text;
    made.className = kind;
    made.style.left = `${(100 * u) / this.width}%`;
    made.style.top = `${(100 * v) / this.height}%`;
    return made;
  }

  // The patient's right is left, as is the custom (PS3.3 C.7.6.1.1.1).
  letters() {
    this.sides?.forEach((label) => label.remove());
    const v = this.height / 2;
    this.sides = [this.label("R", { u: 0, v }, "side"), this.label("L", { u: this.width, v }, "side right")];
    this.labels.append(...this.sides);
  }
}
