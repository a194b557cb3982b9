// The arch: control points in millimetres of the patient (LPS), from the right to the left, and the curve through them,
// which the server draws. A change is told at once; what it looks like follows.
"use strict";

const FEWEST_POINTS = 3;
const MOST_POINTS = 40;
// Millimetres between two places of the curve as it is drawn.
const CURVE_STEP = 1;

class Arch {
  constructor(page) {
    this.page = page;
    this.points = [];
    this.z = 0;
    this.length = 0;
    // [x, y] every CURVE_STEP, and what is to the cheek's side there.
    this.curve = [];
    // Raised with each change, so that what was measured on an earlier arch is known.
    this.edition = 0;
    this.shape = new Latest(() => this.bend());
  }

  async propose() {
    const proposed = await (await asked(`${this.page.addresses.volume}/arch`)).json();
    this.z = proposed.z;
    this.points = proposed.points.map(([x, y]) => [x, y]);
    this.page.say(this.page.words[proposed.isProposed ? "proposed" : "notProposed"]);
    return proposed;
  }

  // What every address that goes along the arch is asked with.
  get parameters() {
    return { arch: this.points.map((point) => point.map((each) => rounded(each, 2)).join(",")).join(";"), z: this.z };
  }

  get text() {
    return `${this.parameters.arch} ${this.edition}`;
  }

  move(number, x, y) {
    this.points[number] = [x, y];
    this.changed();
  }

  // Between the two points that it is nearest to the way of.
  add(x, y) {
    if (this.points.length >= MOST_POINTS) {
      this.page.say(filled(this.page.words.mostPoints, { count: MOST_POINTS }));
      return -1;
    }
    const number = this.placeOf(x, y);
    this.points.splice(number, 0, [x, y]);
    this.changed();
    return number;
  }

  placeOf(x, y) {
    const detours = this.points.slice(1).map((next, number) => {
      const before = this.points[number];
      const direct = Math.hypot(next[0] - before[0], next[1] - before[1]);
      return Math.hypot(x - before[0], y - before[1]) + Math.hypot(next[0] - x, next[1] - y) - direct;
    });
    return detours.indexOf(Math.min(...detours)) + 1;
  }

  // In the middle of the longest way between two neighbours.
  addSomewhere() {
    const ways = this.points.slice(1).map((next, number) => {
      const before = this.points[number];
      return Math.hypot(next[0] - before[0], next[1] - before[1]);
    });
    const [longest] = ways.map((way, number) => [way, number]).sort((one, other) => other[0] - one[0]);
    const [from, to] = this.points.slice(longest[1]);
    return this.add((from[0] + to[0]) / 2, (from[1] + to[1]) / 2);
  }

  remove(number) {
    if (this.points.length <= FEWEST_POINTS) {
      this.page.say(filled(this.page.words.fewestPoints, { count: FEWEST_POINTS }));
      return false;
    }
    this.points.splice(number, 1);
    this.changed();
    return true;
  }

  changed() {
    this.edition++;
    this.shape.ask(null);
    this.page.archChanged();
  }

  // Asks the server for the curve: its cross-sections' middles lie on it.
  async bend() {
    const parameters = { ...this.parameters, interval: CURVE_STEP, width: 10 };
    await this.page.tried(async () => {
      const answer = await asked(addressOf(`${this.page.addresses.volume}/cross-sections`, parameters));
      const { length, results } = await answer.json();
      this.length = length;
      this.curve = results.map((plane) => ({ at: plane.at, to: plane.across, middle: middleOf(plane) }));
      this.page.curveChanged();
    });
  }

  // [x, y] at so many millimetres, and the direction to the cheek.
  at(millimetres) {
    const after = this.curve.findIndex((place) => place.at >= millimetres);
    const end = this.curve.at(after);
    const [from, to] = after < 1 ? [end, end] : this.curve.slice(after - 1, after + 1);
    const way = to.at - from.at;
    const part = way ? (millimetres - from.at) / way : 0;
    const mixed = (one, other) => one + part * (other - one);
    return {
      middle: [0, 1].map((axis) => mixed(from.middle[axis], to.middle[axis])),
      to: [0, 1].map((axis) => mixed(from.to[axis], to.to[axis])),
    };
  }

  // How far along the arch its place is that is nearest to this one, and how far away that is.
  nearest(x, y) {
    const places = this.curve.map(({ at, middle }) => ({ at, away: Math.hypot(middle[0] - x, middle[1] - y) }));
    return places.reduce((one, other) => (other.away < one.away ? other : one), { at: 0, away: Infinity });
  }
}

function middleOf({ origin, across, columns, columnSpacing }) {
  const half = ((columns - 1) / 2) * columnSpacing;
  return [0, 1].map((axis) => origin[axis] + half * across[axis]);
}
