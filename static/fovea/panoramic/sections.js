// The cross-sections: one across the arch at the position, its neighbours beside it at the interval.
"use strict";

// Which are shown: the position, and so many intervals before and after it.
const BESIDE = [-3, -2, -1, 0, 1, 2, 3];
const STEPS_OF_A_PAGE = 5;

class Sections {
  constructor(page) {
    this.page = page;
    this.at = 0;
    this.drawing = new Latest(() => this.read());
    const ids = ["position", "interval", "section-width"];
    this.fields = Object.fromEntries(ids.map((id) => [id, document.getElementById(id)]));
    this.fields.position.addEventListener("input", () => this.go(this.fields.position.valueAsNumber));
    this.fields.interval.addEventListener("change", () => this.settled());
    this.fields["section-width"].addEventListener("change", () => this.settled());
    this.panes = BESIDE.map((offset) => this.made(offset));
    this.middle = this.panes[BESIDE.indexOf(0)];
  }

  made(offset) {
    const figure = document.createElement("figure");
    const element = document.createElement("div");
    const caption = document.createElement("figcaption");
    figure.className = offset ? "beside" : "middle";
    element.className = "pane";
    Object.assign(element, { tabIndex: offset ? -1 : 0 });
    element.setAttribute("role", "application");
    figure.append(element, caption);
    document.getElementById("sections").append(figure);
    const pane = new Pane(element, this.page, {
      // The same place of the same arch.
      where: () => `${this.page.arch.text} ${pane.shown.at.toFixed(1)}`,
      isGone: (where) => !where.startsWith(`${this.page.arch.text} `),
      corner: () => ({ u: -pane.width / 2, v: -pane.shown.top }),
      called: (where) => `${this.page.words.crossSection}, ${where.split(" ").at(-1)} mm`,
      value: (place) => this.page.tellValue("section-value", pane, place),
      hold: (event) => this.pull(pane, event),
      wheeled: (way) => this.step(way),
      key: (event) => this.key(event),
    });
    Object.assign(pane, { offset, figure, caption, marks: pane.overlay.appendChild(drawn("g", {})) });
    return pane;
  }

  get interval() {
    const { interval } = this.fields;
    return between(interval.valueAsNumber || 2, Number(interval.min), Number(interval.max));
  }

  get width() {
    const field = this.fields["section-width"];
    return between(field.valueAsNumber || 30, Number(field.min), Number(field.max));
  }

  get parameters() {
    const { top, bottom } = this.page.panorama;
    return { ...this.page.arch.parameters, top, bottom, width: this.width };
  }

  placeOf(offset) {
    return rounded(this.at + offset * this.interval);
  }

  places() {
    return BESIDE.map((offset) => this.placeOf(offset)).filter((at) => at >= 0 && at <= this.page.arch.length);
  }

  // The last place of the arch, in tenths of a millimetre.
  get end() {
    return Math.floor(this.page.arch.length * 10) / 10;
  }

  go(at) {
    this.at = between(rounded(at), 0, this.end);
    this.settled();
  }

  step(way) {
    this.go(this.at + way * this.interval);
  }

  settled() {
    const { position } = this.fields;
    position.max = this.end;
    position.value = this.at;
    const told = `${this.at.toFixed(1)} mm`;
    document.getElementById("position-at").value = told;
    position.setAttribute("aria-valuetext", told);
    this.page.positionChanged();
    return this.ask();
  }

  ask() {
    return this.drawing.ask(null);
  }

  // The one in the middle first, and alone while something is dragged.
  async read() {
    await this.page.tried(async () => {
      await this.show(this.middle);
      if (!this.page.isDragging && !this.drawing.asked) {
        // On a narrow screen there is no room for all of them.
        const beside = this.panes.filter((pane) => pane !== this.middle && pane.element.offsetParent);
        await Promise.all(beside.map((pane) => this.show(pane)));
      }
    });
  }

  async show(pane) {
    const at = this.placeOf(pane.offset);
    const isThere = at >= 0 && at <= this.page.arch.length;
    pane.figure.classList.toggle("none", !isThere);
    if (!isThere) {
      return;
    }
    const parameters = { ...this.parameters, at, spacing: rounded(this.page.spacing, 3) };
    const picture = await this.page.pictures.get(`${this.page.addresses.volume}/cross-sections/image`, parameters);
    pane.shown = parameters;
    pane.caption.textContent = `${at.toFixed(1)} mm`;
    pane.element.setAttribute("aria-label", filled(this.page.words.section, { at: at.toFixed(1) }));
    pane.show(picture);
    this.mark(pane);
    this.page.ruler.draw(pane);
  }

  // The height of the axial image.
  mark(pane) {
    if (pane.picture) {
      const level = between(pane.shown.top - this.page.axial.level, 0, pane.height);
      pane.marks.replaceChildren(drawn("line", { x1: 0, x2: pane.width, y1: level, y2: level }, "level"));
    }
  }

  // Dragging pulls the arch along under the view; a click takes a neighbour into the middle.
  pull(pane, event) {
    const before = this.at;
    const { clientX } = event;
    let isMoved = false;
    return {
      moved: (moved) => {
        isMoved ||= Math.abs(moved.clientX - clientX) >= LEAST_DRAG;
        if (isMoved) {
          this.go(before - (moved.clientX - clientX) / pane.scale);
        }
      },
      ended: () => isMoved || this.go(pane.shown.at),
    };
  }

  // The keys of the panoramic and of the cross-sections; true for one that they took.
  key(event) {
    const { axial } = this.page;
    const keys = {
      ArrowLeft: () => this.step(-1),
      ArrowRight: () => this.step(1),
      PageUp: () => this.step(-STEPS_OF_A_PAGE),
      PageDown: () => this.step(STEPS_OF_A_PAGE),
      Home: () => this.go(0),
      End: () => this.go(this.end),
      ArrowUp: () => axial.go(axial.index + 1),
      ArrowDown: () => axial.go(axial.index - 1),
    };
    keys[event.key]?.();
    return event.key in keys;
  }
}
