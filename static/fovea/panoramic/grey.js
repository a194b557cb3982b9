// The window that makes greys of values (PS3.3 C.11.2.1.2): one for all views of the page.
"use strict";

// Centers and widths in HU. Cone-beam devices have units of their own, for which the numbers are there.
const PRESETS = { bone: [500, 2500], teeth: [1200, 3600], soft: [50, 400] };
// Values that a pixel of dragging changes, in parts of the width.
const DRAG = 1 / 200;
const LEAST_WIDTH = 1;

class Grey {
  constructor(changed) {
    this.changed = changed;
    this.center = 500;
    this.width = 2500;
    this.stored = [500, 2500];
    this.whole = [500, 2500];
    this.isInverted = false;
    this.fields = Object.fromEntries(["preset", "center", "width"].map((id) => [id, document.getElementById(id)]));
    this.fields.preset.addEventListener("change", () => this.choose(this.fields.preset.value));
    for (const field of [this.fields.center, this.fields.width]) {
      field.addEventListener("change", () => this.typed());
    }
  }

  choose(preset) {
    const [center, width] = PRESETS[preset] ?? (preset === "whole" ? this.whole : this.stored);
    this.set(center, width, preset);
  }

  typed() {
    const { center, width } = this.fields;
    const isWhole = Number.isFinite(center.valueAsNumber) && Number.isFinite(width.valueAsNumber);
    this.set(...(isWhole ? [center.valueAsNumber, width.valueAsNumber] : [this.center, this.width]));
  }

  // By as many pixels to the right (contrast) and down (darker) from where it was.
  drag(before, right, down) {
    const step = before.width * DRAG;
    this.set(before.center + down * step, before.width * Math.exp(right * DRAG));
  }

  set(center, width, preset = "own") {
    this.center = center;
    this.width = Math.max(LEAST_WIDTH, width);
    this.fields.preset.value = preset;
    this.fields.center.value = Math.round(this.center);
    this.fields.width.value = Math.round(this.width);
    this.changed();
  }

  // The picture in greys.
  paint(picture) {
    const { values, slope, intercept, rows, columns } = picture;
    const image = new ImageData(columns, rows);
    const pixels = new Uint32Array(image.data.buffer);
    const gain = (255 / Math.max(this.width - 1, LEAST_WIDTH)) * (this.isInverted ? -1 : 1);
    const middle = this.center - 0.5;
    for (let place = 0; place < values.length; place++) {
      const level = (values[place] * slope + intercept - middle) * gain + 127.5;
      const grey = level <= 0 ? 0 : level >= 255 ? 255 : level | 0;
      pixels[place] = 0xff000000 | (grey << 16) | (grey << 8) | grey;
    }
    return image;
  }
}
