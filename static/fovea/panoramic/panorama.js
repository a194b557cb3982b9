// The panoramic: the layer along the arch, flattened. Its columns are millimetres along the arch, its rows heights.
"use strict";

// While something is dragged, pixels are so many times as wide and as high.
const COARSE = 2.5;

class Panorama {
  constructor(page) {
    this.page = page;
    this.drawing = new Latest(() => this.read());
    this.pane = new Pane(document.getElementById("panorama"), page, {
      where: () => page.arch.text,
      isGone: (where) => where !== page.arch.text,
      corner: () => ({ u: 0, v: -this.shown.top }),
      called: () => page.words.panoramic,
      lengthIn: "alongArch",
      value: (place) => page.tellValue("panorama-value", this.pane, place),
      hold: (event) => this.follow(event),
      wheeled: (way) => page.sections.step(way),
      key: (event) => page.sections.key(event),
    });
    this.fields = Object.fromEntries(
      ["thickness", "projection", "top", "bottom"].map((id) => [id, document.getElementById(id)]),
    );
    this.fields.thickness.addEventListener("change", () => this.ask());
    this.fields.projection.addEventListener("change", () => this.ask());
    for (const end of ["top", "bottom"]) {
      this.fields[end].addEventListener("input", () => this.bounded(end));
      // One that is dragged back to where it was tells of no change.
      for (const kind of ["change", "pointerup", "pointercancel"]) {
        this.fields[end].addEventListener(kind, () => page.rest());
      }
    }
    this.marks = this.pane.overlay.appendChild(drawn("g", {}));
  }

  start(least, greatest, { top, bottom }) {
    for (const field of [this.fields.top, this.fields.bottom]) {
      Object.assign(field, { min: least, max: greatest });
    }
    this.fields.top.value = top;
    this.fields.bottom.value = bottom;
    this.tellEnds();
  }

  get top() {
    return this.fields.top.valueAsNumber;
  }

  get bottom() {
    return this.fields.bottom.valueAsNumber;
  }

  get parameters() {
    const { thickness, projection } = this.fields;
    const millimetres = between(thickness.valueAsNumber || 0, 0, Number(thickness.max));
    const { top, bottom, page } = this;
    return { ...page.arch.parameters, top, bottom, thickness: millimetres, projection: projection.value };
  }

  // The top stays above the bottom.
  bounded(end) {
    const { top, bottom } = this.fields;
    const least = Number(top.step) * 2;
    if (this.top - this.bottom < least) {
      (end === "top" ? top : bottom).value = end === "top" ? this.bottom + least : this.top - least;
    }
    this.tellEnds();
    this.page.heightChanged();
  }

  tellEnds() {
    for (const end of ["top", "bottom"]) {
      document.getElementById(`${end}-at`).value = `${this[end].toFixed(1)} mm`;
    }
  }

  ask() {
    return this.drawing.ask(null);
  }

  async read() {
    const { spacing, isDragging } = this.page;
    const parameters = { ...this.parameters, spacing: rounded(spacing * (isDragging ? COARSE : 1), 3) };
    await this.page.tried(async () => {
      const picture = await this.page.pictures.get(`${this.page.addresses.volume}/panoramic`, parameters);
      this.shown = parameters;
      this.pane.show(picture);
      this.mark();
      this.page.ruler.draw(this.pane);
    });
  }

  // Where the cross-sections are, and at which height the axial image.
  mark() {
    if (!this.pane.picture) {
      return;
    }
    const { sections, axial } = this.page;
    const { width, height } = this.pane;
    const upright = (at, kind) => drawn("line", { x1: at, x2: at, y1: 0, y2: height }, kind);
    const level = between(this.shown.top - axial.level, 0, height);
    const beside = sections.places().filter((at) => at !== sections.at);
    this.marks.replaceChildren(
      drawn("line", { x1: 0, x2: width, y1: level, y2: level }, "level"),
      ...beside.map((at) => upright(at, "beside")),
      upright(sections.at, "here"),
    );
    this.pane.letters();
  }

  follow(event) {
    const go = (moved) => this.page.sections.go(this.pane.place(moved).u);
    go(event);
    return { moved: go };
  }
}
