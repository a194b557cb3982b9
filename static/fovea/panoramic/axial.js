// The axial image at a level, with the arch on it: its points are dragged, or moved with the keys.
"use strict";

// Pixels of the screen: how near to a point one has to be to hold it.
const REACH = { mouse: 14, touch: 28 };
// Millimetres that an arrow key moves a point, alone and with Shift.
const POINT_STEPS = [0.5, 5];
const LEVELS_OF_A_PAGE = 10;
// Millimetres to each side of the arch that the line of the cross-section is long.
const HALF_LINE = 12;

class Axial {
  constructor(page) {
    this.page = page;
    this.chosen = -1;
    this.drawing = new Latest((index) => this.read(index));
    this.pane = new Pane(document.getElementById("axial"), page, {
      where: () => String(this.shown),
      corner: () => ({ u: 0, v: 0 }),
      called: (where) => `${page.words.axial}, ${this.levelOf(Number(where)).toFixed(1)} mm`,
      value: (place) => page.tellValue("axial-value", this.pane, place),
      hold: (event) => this.hold(event),
      wheeled: (way) => this.go(this.index - way),
      key: (event) => this.key(event),
    });
    this.slider = document.getElementById("level");
    this.slider.addEventListener("input", () => this.go(this.slider.valueAsNumber));
    this.pane.element.addEventListener("dblclick", (event) => this.doubled(event));
    document.getElementById("add-point").addEventListener("click", () => this.choose(page.arch.addSomewhere()));
    document.getElementById("remove-point").addEventListener("click", () => this.remove());
    this.arch = this.pane.overlay.appendChild(drawn("g", {}));
  }

  start(planes, z) {
    this.planes = planes;
    this.slider.max = planes.count - 1;
    return this.go(this.indexOf(z));
  }

  // Planes ascend from the feet to the head.
  indexOf(z) {
    return Math.round((z - this.planes.firstPosition[2]) / this.planes.step);
  }

  levelOf(index) {
    return this.planes.firstPosition[2] + index * this.planes.step;
  }

  get level() {
    return this.levelOf(this.index);
  }

  go(index) {
    this.index = between(index, 0, this.planes.count - 1);
    this.slider.value = this.index;
    const told = `${this.level.toFixed(1)} mm`;
    document.getElementById("level-at").value = told;
    this.slider.setAttribute("aria-valuetext", told);
    this.page.levelChanged();
    return this.drawing.ask(this.index);
  }

  async read(index) {
    await this.page.tried(async () => {
      const picture = await this.page.pictures.get(`${this.page.addresses.volume}/planes/axial`, { index });
      this.shown = index;
      this.pane.show(picture);
      this.draw();
      this.page.ruler.draw(this.pane);
    });
  }

  // From the patient into the pane, and back.
  placeOf([x, y]) {
    const { origin, rowSpacing, columnSpacing } = this.pane.picture;
    return { u: x - origin[0] + columnSpacing / 2, v: y - origin[1] + rowSpacing / 2 };
  }

  patientAt({ u, v }) {
    const { origin, rowSpacing, columnSpacing } = this.pane.picture;
    return [origin[0] + u - columnSpacing / 2, origin[1] + v - rowSpacing / 2];
  }

  draw() {
    if (!this.pane.picture) {
      return;
    }
    const { arch } = this.page;
    const curve = arch.curve.map(({ middle }) => this.placeOf(middle));
    const path = curve.map(({ u, v }) => `${u.toFixed(2)} ${v.toFixed(2)}`).join("L");
    const parts = curve.length ? [drawn("path", { d: `M${path}` }, "arch"), this.line()] : [];
    this.arch.replaceChildren(...parts, ...arch.points.map((point, number) => this.dot(point, number)));
    this.pane.letters();
  }

  // Where the cross-section is.
  line() {
    const { middle, to } = this.page.arch.at(this.page.sections.at);
    const { u, v } = this.placeOf(middle);
    const [right, down] = to.map((each) => each * HALF_LINE);
    return drawn("line", { x1: u - right, y1: v - down, x2: u + right, y2: v + down }, "here");
  }

  // A path without length and with round ends is a dot of the same size, however large the image is shown.
  dot(point, number) {
    const { u, v } = this.placeOf(point);
    return drawn("path", { d: `M${u} ${v}h0` }, number === this.chosen ? "point chosen" : "point");
  }

  pointNear(event) {
    const reach = (REACH[event.pointerType] ?? REACH.mouse) / this.pane.scale;
    const at = this.pane.place(event);
    const away = this.page.arch.points.map((point) => {
      const { u, v } = this.placeOf(point);
      return Math.hypot(u - at.u, v - at.v);
    });
    const nearest = Math.min(...away);
    return nearest <= reach ? away.indexOf(nearest) : -1;
  }

  hold(event) {
    const number = this.pointNear(event);
    this.choose(number);
    return number < 0 ? this.follow(event) : this.carry(number, event);
  }

  // As far as the pointer goes: it need not have been on the middle of the point.
  carry(number, event) {
    const [x, y] = this.page.arch.points[number];
    const [fromX, fromY] = this.patientAt(this.pane.place(event));
    this.page.isDragging = true;
    return {
      moved: (moved) => {
        const [toX, toY] = this.patientAt(this.pane.place(moved));
        this.page.arch.move(number, x + toX - fromX, y + toY - fromY);
      },
      ended: () => this.page.rest(),
    };
  }

  // Beside the points, the cross-section follows.
  follow(event) {
    const go = (moved) => this.page.sections.go(this.page.arch.nearest(...this.patientAt(this.pane.place(moved))).at);
    go(event);
    return { moved: go };
  }

  doubled(event) {
    if (this.page.tool === "move" && this.pane.picture && this.pointNear(event) < 0) {
      this.choose(this.page.arch.add(...this.patientAt(this.pane.place(event))));
    }
  }

  choose(number) {
    this.chosen = number;
    document.getElementById("remove-point").disabled = number < 0;
    if (number >= 0) {
      this.page.say(filled(this.page.words.point, { number: number + 1 }));
    }
    this.draw();
  }

  remove() {
    if (this.chosen >= 0 && this.page.arch.remove(this.chosen)) {
      this.choose(-1);
    }
  }

  // The keys of the axial image; true for one that it took. N and P go from point to point.
  key(event) {
    const way = ARROWS[event.key];
    if (way) {
      return this.arrow(way, POINT_STEPS[Number(event.shiftKey)]);
    }
    const { length } = this.page.arch.points;
    const keys = {
      PageUp: () => this.go(this.index + LEVELS_OF_A_PAGE),
      PageDown: () => this.go(this.index - LEVELS_OF_A_PAGE),
      Home: () => this.choose(0),
      End: () => this.choose(length - 1),
      n: () => this.choose((this.chosen + 1) % length),
      p: () => this.choose((this.chosen + length - 1 + Number(this.chosen < 0)) % length),
      Delete: () => this.remove(),
      Backspace: () => this.remove(),
      Escape: () => this.choose(-1),
    };
    const key = event.key.length > 1 ? event.key : event.key.toLowerCase();
    keys[key]?.();
    return key in keys;
  }

  // The chosen point; where none is, up and down change the level, right and left the position.
  arrow([right, down], step) {
    if (this.chosen >= 0) {
      const [x, y] = this.page.arch.points[this.chosen];
      this.page.arch.move(this.chosen, x + right * step, y + down * step);
    } else if (down) {
      this.go(this.index - down);
    } else {
      this.page.sections.step(right);
    }
    return true;
  }
}
