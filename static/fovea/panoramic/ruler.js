// Lengths in millimetres: drawn by dragging from end to end, or by keys, and listed.
"use strict";

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
// Pixels of the picture that an arrow key moves the cross, alone and with Shift.
const STEPS = [1, 10];
// Shorter ones, in pixels of the screen, were a click.
const LEAST_DRAG = 4;

// A line is kept by `where` it lies, which its view names: a level, a cross-section, a panoramic. Its ends are counted
// from what stays when the view shows another part of the same: `corner` is where the picture's corner lies from there.
class Ruler {
  constructor(page) {
    this.page = page;
    this.lines = [];
    this.list = document.getElementById("measurements");
    this.cross = null;
  }

  hold(pane, from) {
    const line = this.add(pane, from, from);
    return {
      moved: (event) => this.stretch(line, pane.place(event)),
      ended: () => this.keep(line),
    };
  }

  add(pane, from, to) {
    const ends = { from: this.kept(pane, from), to: this.kept(pane, to) };
    const line = { pane, where: pane.own.where(), ...ends, unit: pane.own.lengthIn ?? "length" };
    this.lines.push(line);
    this.draw(pane);
    return line;
  }

  kept(pane, { u, v }) {
    const corner = pane.own.corner();
    return { u: u + corner.u, v: v + corner.v };
  }

  shown(pane, { u, v }) {
    const corner = pane.own.corner();
    return { u: u - corner.u, v: v - corner.v };
  }

  stretch(line, to) {
    line.to = this.kept(line.pane, to);
    this.draw(line.pane);
  }

  keep(line) {
    if (this.lengthOf(line) * line.pane.scale < LEAST_DRAG) {
      this.lines.splice(this.lines.indexOf(line), 1);
    }
    this.draw(line.pane);
    this.tell();
  }

  lengthOf({ from, to }) {
    return Math.hypot(to.u - from.u, to.v - from.v);
  }

  textOf(line) {
    return filled(this.page.words[line.unit], { length: this.lengthOf(line).toFixed(1) });
  }

  // Arrow keys move a cross, Enter sets an end; Escape begins anew.
  key(pane, event) {
    const way = ARROWS[event.key];
    if (way) {
      this.move(pane, way, STEPS[Number(event.shiftKey)]);
    } else if (event.key === "Enter") {
      this.end(pane);
    } else if (event.key === "Escape") {
      this.forget();
    } else {
      return false;
    }
    return true;
  }

  move(pane, [right, down], step) {
    const { columnSpacing, rowSpacing } = pane.picture;
    const at = this.crossOf(pane).at;
    at.u = between(at.u + right * step * columnSpacing, 0, pane.width);
    at.v = between(at.v + down * step * rowSpacing, 0, pane.height);
    pane.own.value?.(at);
    this.draw(pane);
  }

  crossOf(pane) {
    if (this.cross?.pane !== pane) {
      this.forget();
      this.cross = { pane, at: { u: pane.width / 2, v: pane.height / 2 }, from: null };
    }
    return this.cross;
  }

  end(pane) {
    const cross = this.crossOf(pane);
    if (cross.from) {
      this.keep(this.add(pane, cross.from, { ...cross.at }));
      cross.from = null;
    } else {
      cross.from = { ...cross.at };
      this.page.say(this.page.words.first);
    }
    this.draw(pane);
  }

  forget() {
    const pane = this.cross?.pane;
    this.cross = null;
    if (pane) {
      this.draw(pane);
    }
  }

  // What there is of a view's lines in what it shows now.
  draw(pane) {
    const group = (pane.rulers ??= pane.overlay.appendChild(drawn("g", {})));
    group.replaceChildren();
    pane.lengths?.forEach((label) => label.remove());
    const here = pane.own.where();
    const lines = this.lines.filter((line) => line.pane === pane && line.where === here);
    group.append(...lines.map((line) => this.drawnLine(this.shown(pane, line.from), this.shown(pane, line.to))));
    if (this.cross?.pane === pane) {
      group.append(...this.drawnCross(pane));
    }
    pane.lengths = lines.map((line) => pane.label(this.textOf(line), this.shown(pane, line.to), "length"));
    pane.labels.append(...pane.lengths);
  }

  drawnLine(from, to) {
    return drawn("line", { x1: from.u, y1: from.v, x2: to.u, y2: to.v }, "length");
  }

  drawnCross(pane) {
    const { at, from } = this.cross;
    const arm = 8 / pane.scale;
    const cross = `M${at.u - arm} ${at.v}h${2 * arm}M${at.u} ${at.v - arm}v${2 * arm}`;
    const begun = from ? [this.drawnLine(from, at)] : [];
    return [...begun, drawn("path", { d: cross }, "cross")];
  }

  // Where nothing may be measured, there is no list.
  tell() {
    this.list?.replaceChildren(...this.lines.map((line) => this.row(line)));
  }

  row(line) {
    const made = document.createElement("li");
    const name = document.createElement("strong");
    name.textContent = this.textOf(line);
    const where = document.createElement("span");
    const isOld = line.pane.own.isGone?.(line.where);
    const place = line.pane.own.called(line.where);
    where.textContent = isOld ? filled(this.page.words.earlierArch, { text: place }) : place;
    const away = document.createElement("button");
    Object.assign(away, { type: "button", className: "plain", textContent: this.page.words.remove });
    away.setAttribute("aria-label", `${this.page.words.remove}: ${name.textContent}`);
    away.addEventListener("click", () => this.remove(line));
    made.append(name, where, away);
    return made;
  }

  remove(line) {
    this.lines.splice(this.lines.indexOf(line), 1);
    this.draw(line.pane);
    this.tell();
  }
}
