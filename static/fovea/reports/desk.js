// The two halves of the page: how wide they are, whether the left one is there; remembered on this device.
"use strict";

const DESK = "fovea.desk";
const NARROWEST = 20;
const WIDEST = 75;
const DESK_STEP = 2;

class Desk {
  constructor() {
    this.element = document.getElementById("desk");
    this.divider = document.getElementById("divider");
    this.shows = document.getElementById("show-beside");
    this.remembered = JSON.parse(localStorage.getItem(DESK) ?? "{}");
    this.divider.addEventListener("pointerdown", (event) => this.hold(event));
    this.divider.addEventListener("keydown", (event) => this.key(event));
    document.getElementById("hide-beside").addEventListener("click", () => this.hide(true));
    this.shows.addEventListener("click", () => this.hide(false));
    this.widen(this.remembered.percent ?? 50);
    this.hide(this.remembered.isHidden ?? false);
  }

  remember(changes) {
    this.remembered = { ...this.remembered, ...changes };
    localStorage.setItem(DESK, JSON.stringify(this.remembered));
  }

  widen(percent) {
    const within = Math.min(WIDEST, Math.max(NARROWEST, percent));
    this.element.style.setProperty("--beside", `${within}%`);
    this.divider.setAttribute("aria-valuenow", String(Math.round(within)));
    this.remember({ percent: within });
  }

  hide(isHidden) {
    this.element.classList.toggle("alone", isHidden);
    this.shows.hidden = !isHidden;
    this.remember({ isHidden });
  }

  hold(event) {
    event.preventDefault();
    this.divider.setPointerCapture(event.pointerId);
    // What is framed would take the pointer.
    this.element.classList.add("dragging");
    const move = (moved) => this.drag(moved);
    this.divider.addEventListener("pointermove", move);
    this.divider.addEventListener("lostpointercapture", () => this.release(move), { once: true });
  }

  release(move) {
    this.divider.removeEventListener("pointermove", move);
    this.element.classList.remove("dragging");
  }

  drag({ clientX }) {
    const { left, width } = this.element.getBoundingClientRect();
    this.widen((100 * (clientX - left)) / width);
  }

  key(event) {
    const step = { ArrowLeft: -DESK_STEP, ArrowRight: DESK_STEP }[event.key];
    if (step) {
      event.preventDefault();
      this.widen(this.remembered.percent + step);
    }
  }
}
