// The page: what its views share, and who is told when something changes.
"use strict";

// Millimetres from pixel to pixel of what is reformatted: as fine as the voxels, within these.
const FINEST = 0.2;
const COARSEST = 1;

class PanoramicPage {
  constructor() {
    this.element = document.getElementById("panoramic");
    this.addresses = JSON.parse(document.getElementById("panoramic-addresses").textContent);
    this.words = JSON.parse(document.getElementById("panoramic-words").textContent);
    this.note = document.getElementById("note");
    this.tool = "move";
    // While something is dragged, less is drawn, more coarsely.
    this.isDragging = false;
    this.isStarted = false;
    this.isWrong = false;
    this.pictures = new Pictures();
    this.grey = new Grey(() => this.panes().forEach((pane) => pane.paint()));
    this.ruler = new Ruler(this);
    this.arch = new Arch(this);
    this.axial = new Axial(this);
    this.panorama = new Panorama(this);
    this.sections = new Sections(this);
    this.saving = new Saving(this);
    for (const button of this.element.querySelectorAll("[data-tool]")) {
      button.addEventListener("click", () => this.choose(button.dataset.tool));
    }
    document.getElementById("propose").addEventListener("click", () => this.tried(() => this.proposeAnew()));
  }

  panes() {
    return this.axial ? [this.axial.pane, this.panorama.pane, ...this.sections.panes] : [];
  }

  async start() {
    const volume = await (await asked(this.addresses.volume)).json();
    this.unit = volume.unit === "US" ? "" : volume.unit;
    const [, ...inPlane] = volume.geometry.spacing;
    this.spacing = between(Math.min(...inPlane), FINEST, COARSEST);
    const proposed = await this.arch.propose();
    const { axial } = volume.planes;
    const greatest = axial.firstPosition[2] + (axial.count - 1) * axial.step;
    this.panorama.start(axial.firstPosition[2], greatest, proposed);
    this.sections.at = rounded(proposed.length / 2);
    await this.axial.start(axial, proposed.z);
    if (this.axial.pane.picture) {
      this.begin(volume.window);
    }
  }

  // There is something to work with: where there is none, it was said why.
  begin(window) {
    this.look(window);
    this.isStarted = true;
    this.arch.changed();
    this.axial.choose(-1);
    for (const part of this.element.querySelectorAll("[inert]")) {
      part.inert = false;
    }
  }

  // The window that the headers name, and the range of the image that is seen first.
  look(window) {
    const { values, slope, intercept, isInverted } = this.axial.pane.picture;
    const least = values.reduce((one, other) => Math.min(one, other));
    const greatest = values.reduce((one, other) => Math.max(one, other));
    this.grey.isInverted = isInverted;
    this.grey.whole = [((least + greatest) / 2) * slope + intercept, Math.abs((greatest - least) * slope) + 1];
    this.grey.stored = window ? [window.center, window.width] : this.grey.whole;
    this.grey.choose("stored");
  }

  async proposeAnew() {
    const { z } = await this.arch.propose();
    this.arch.changed();
    this.axial.choose(-1);
    await this.axial.go(this.axial.indexOf(z));
  }

  choose(tool) {
    this.tool = tool;
    this.element.dataset.tool = tool;
    this.ruler.forget();
    for (const button of this.element.querySelectorAll("[data-tool]")) {
      button.setAttribute("aria-pressed", String(button.dataset.tool === tool));
    }
  }

  // What was chosen, as the analysis takes it.
  chosen() {
    const { arch, panorama, sections } = this;
    const { interval, width } = sections;
    const volume = Number(this.addresses.volume.split("/").at(-1));
    const points = arch.points.map((point) => point.map((each) => rounded(each, 2)));
    return { volume, ...panorama.parameters, arch: points, interval, width };
  }

  // A change of the arch shows at once.
  archChanged() {
    this.axial.draw();
    if (this.isStarted) {
      this.panorama.ask();
      this.ruler.tell();
    }
  }

  curveChanged() {
    this.axial.draw();
    this.sections.go(this.sections.at);
  }

  positionChanged() {
    this.axial.draw();
    this.panorama.mark();
  }

  levelChanged() {
    this.panorama?.mark();
    this.sections?.panes.forEach((pane) => this.sections.mark(pane));
  }

  heightChanged() {
    this.isDragging = true;
    this.panorama.ask();
    this.sections.ask();
  }

  rest() {
    this.isDragging = false;
    this.panorama.ask();
    this.sections.ask();
  }

  tellValue(id, pane, place) {
    const { words, unit } = this;
    const value = place && filled(words.value, { value: Math.round(pane.valueAt(place)), unit });
    document.getElementById(id).value = (value ?? "").trim();
  }

  say(text) {
    this.isWrong = false;
    this.note.textContent = text;
  }

  // In words; a mistake of the page's own goes on to the browser's console.
  reasonOf(error) {
    if (!(error instanceof Refused || error instanceof Unreached)) {
      throw error;
    }
    return error instanceof Refused ? error.message : this.words.broken;
  }

  // Does it, and says what went wrong.
  async tried(make) {
    try {
      await make();
      if (this.isWrong) {
        this.say("");
      }
    } catch (error) {
      this.say(this.reasonOf(error));
      this.isWrong = true;
    }
  }
}

const panoramicPage = new PanoramicPage();
panoramicPage.tried(() => panoramicPage.start());
