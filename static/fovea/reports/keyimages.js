// Key images: taken from what the viewer shows or chosen from the study, with a window, a caption, and in an order.
"use strict";

const MOST_PICTURES = 40;
// Pixels of a drag that change the window by its own width.
const WINDOW_DRAG = 200;
const LEAST_WINDOW = 1;
// A window to begin with, where an image has none of its own.
const FIRST_WINDOW = { center: 128, width: 256 };

class KeyImages {
  constructor(page) {
    this.page = page;
    this.list = document.getElementById("pictures");
    this.part = document.getElementById("part-pictures");
    this.dialog = document.getElementById("candidates");
    this.candidates = null;
    this.cards = [];
    page.draft.listen((key, by) => key === PICTURES && by !== "picture" && this.show());
    document.getElementById("take-image").addEventListener("click", () => this.take());
    document.getElementById("candidates-open").addEventListener("click", () => page.tried(() => this.open()));
  }

  get all() {
    return this.page.draft.get(PICTURES) ?? [];
  }

  // What `by` a picture's own controls is set is shown there already.
  set(all, by = "page") {
    this.page.draft.set(PICTURES, all, by);
  }

  take() {
    const image = this.page.viewer.image();
    if (image) {
      this.add(image);
    } else {
      this.page.say(this.page.words.noImage);
    }
  }

  add(image) {
    const { words } = this.page;
    if (this.all.some((each) => isSameImage(each, image))) {
      this.page.say(words.hasImage);
    } else if (this.all.length >= MOST_PICTURES) {
      this.page.say(filled(words.mostImages, { count: MOST_PICTURES }));
    } else {
      this.set([...this.all, image]);
      this.page.say(words.imageTaken);
    }
  }

  show() {
    this.part.hidden = !this.all.length && !this.page.mayWrite;
    this.cards = this.all.map((image, place) => new KeyImageCard(this, image, place));
    this.list.replaceChildren(...this.cards.map((card) => card.element));
  }

  // The server has them now, and draws what was measured.
  saved() {
    this.cards.forEach((card) => card.paint());
  }

  change(place, changes) {
    this.set(this.all.with(place, { ...this.all[place], ...changes }), "picture");
  }

  remove(place) {
    this.set(this.all.toSpliced(place, 1));
    this.list.querySelector("button")?.focus();
  }

  move(place, step) {
    const all = this.all.toSpliced(place, 1);
    all.splice(place + step, 0, this.all[place]);
    this.set(all);
    this.list.children[place + step]?.querySelector("button:not(:disabled)")?.focus();
  }

  async open() {
    this.candidates ??= rowsOf(await (await asked(`${this.page.addresses.report}/images`, { stays: true })).json());
    document.getElementById("candidates-none").hidden = this.candidates.length > 0;
    document.getElementById("candidates-list").replaceChildren(...this.candidates.map((each) => this.candidate(each)));
    this.dialog.showModal();
  }

  candidate(told) {
    const { why, thumbnail, ...image } = told;
    const text = [why, image.caption].filter(Boolean).join(" · ");
    const picture = made("img", { src: thumbnail, alt: text, loading: "lazy", width: "160", height: "160" });
    const isTaken = this.all.some((each) => isSameImage(each, image));
    const choose = button("", () => this.pick(choose, image), { "aria-pressed": String(isTaken), class: "second" });
    choose.append(picture, made("span", {}, text));
    return made("li", {}, choose);
  }

  pick(choose, image) {
    const place = this.all.findIndex((each) => isSameImage(each, image));
    if (place < 0) {
      this.add({ frame: 1, center: null, width: null, caption: "", hasAnnotations: true, ...image });
    } else {
      this.remove(place);
    }
    choose.setAttribute("aria-pressed", String(place < 0));
  }
}

const isSameImage = (one, other) => one.sopInstanceUid === other.sopInstanceUid && one.frame === other.frame;

// One key image: its picture, whose window a drag changes, and what is told of it.
class KeyImageCard {
  constructor(images, image, place) {
    this.images = images;
    this.page = images.page;
    this.image = image;
    this.place = place;
    const { words } = this.page;
    this.picture = made("img", { alt: image.caption || filled(words.keyImage, { number: place + 1 }), loading: "lazy" });
    this.refresh = new Latest((address) => this.load(address));
    this.element = made("li", {}, made("div", { class: "frame" }, this.picture), this.texts());
    this.picture.draggable = false;
    this.picture.addEventListener("pointerdown", (event) => this.hold(event));
    this.paint();
  }

  texts() {
    return made("div", { class: "told" }, this.caption(), this.page.mayWrite ? this.settings() : null);
  }

  caption() {
    const { words, mayWrite, language } = this.page;
    if (!mayWrite) {
      return made("p", { lang: language }, this.image.caption);
    }
    const input = made("input", { type: "text", value: this.image.caption, maxlength: "200", lang: language, dir: "auto", spellcheck: "true" });
    input.addEventListener("input", () => this.change({ caption: input.value }));
    return made("label", {}, words.caption, input);
  }

  settings() {
    const { words } = this.page;
    this.center = this.number("center");
    this.width = this.number("width");
    const annotated = made("input", { type: "checkbox", checked: this.image.hasAnnotations });
    annotated.addEventListener("change", () => this.look({ hasAnnotations: annotated.checked }));
    return made(
      "div", { class: "settings" },
      made("label", {}, words.center, this.center), made("label", {}, words.width, this.width),
      made("label", { class: "check" }, annotated, words.annotations), this.order(),
    );
  }

  number(name) {
    const input = made("input", { type: "number", step: "any", value: this.image[name] });
    input.addEventListener("change", () => this.look({ [name]: input.value === "" ? null : Number(input.value) }));
    return input;
  }

  order() {
    const { words } = this.page;
    const count = this.images.all.length;
    const number = { number: this.place + 1 };
    const earlier = button("↑", () => this.images.move(this.place, -1), { class: "second", "aria-label": filled(words.moveUp, number), disabled: this.place === 0 });
    const later = button("↓", () => this.images.move(this.place, 1), { class: "second", "aria-label": filled(words.moveDown, number), disabled: this.place === count - 1 });
    const remove = button(words.remove, () => this.images.remove(this.place), { class: "plain" });
    return made("span", { class: "order" }, earlier, later, remove);
  }

  change(changes) {
    this.image = { ...this.image, ...changes };
    this.images.change(this.place, changes);
  }

  look(changes) {
    this.change(changes);
    this.paint();
  }

  // Right makes it wider, down darker, as in the viewer.
  hold(event) {
    if (!this.page.mayWrite || event.button !== 0) {
      return;
    }
    event.preventDefault();
    this.picture.setPointerCapture(event.pointerId);
    const { center, width } = this.image;
    const before = center === null || width === null ? FIRST_WINDOW : { center, width };
    const move = (moved) => this.drag(before, moved.clientX - event.clientX, moved.clientY - event.clientY);
    this.picture.addEventListener("pointermove", move);
    this.picture.addEventListener("lostpointercapture", () => this.picture.removeEventListener("pointermove", move), { once: true });
  }

  drag({ center, width }, right, down) {
    const part = width / WINDOW_DRAG;
    const next = { center: Math.round(center + down * part), width: Math.max(LEAST_WINDOW, Math.round(width + right * part)) };
    [this.center.value, this.width.value] = [next.center, next.width];
    this.look(next);
  }

  // As the report will show it, where the server has it already; else the image itself with its window.
  paint() {
    const { addresses, draft } = this.page;
    const isSaved = !draft.changedKeys.has(PICTURES);
    const saved = `${addresses.report}/key-images/${this.place}?v=${draft.revision}`;
    this.refresh.ask(isSaved ? saved : renderedAddress(this.image));
  }

  // The newest of what a drag has asked for, one after the other.
  load(address) {
    return new Promise((resolve) => {
      this.picture.onload = this.picture.onerror = resolve;
      this.picture.src = address;
    });
  }
}

// The image by DICOMweb (PS3.18 10.4).
function renderedAddress({ studyInstanceUid, seriesInstanceUid, sopInstanceUid, frame, center, width }) {
  const instance = `/dicom-web/studies/${studyInstanceUid}/series/${seriesInstanceUid}/instances/${sopInstanceUid}`;
  const window = center === null || width === null ? null : `${center},${width},linear`;
  return addressOf(`${instance}/frames/${frame}/rendered`, { viewport: "800,800", window });
}
