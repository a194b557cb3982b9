// The viewer beside the report, or in its own window: what it shows can be asked, since it is of this site.
"use strict";

const WINDOW_NAME = "fovea-viewer";
const PANES = '[data-cy="viewport-pane"]';
const IMAGE_UIDS = /\/studies\/([\d.]+)\/series\/([\d.]+)\/instances\/([\d.]+)(?:\/frames\/(\d+))?/;

class ReportViewer {
  constructor(page) {
    this.page = page;
    this.frame = document.getElementById("viewer");
    this.elsewhere = document.getElementById("elsewhere");
    this.own = document.getElementById("own-window");
    this.window = null;
    this.own.addEventListener("click", () => (this.isElsewhere ? this.bringBack() : this.moveOut()));
    document.getElementById("show-window").addEventListener("click", () => this.moveOut());
    document.getElementById("back-here").addEventListener("click", () => this.bringBack());
  }

  start() {
    this.show(this.page.desk.remembered.isElsewhere ?? false);
  }

  show(isElsewhere) {
    this.isElsewhere = isElsewhere;
    this.own.setAttribute("aria-pressed", String(isElsewhere));
    this.elsewhere.hidden = !isElsewhere;
    this.frame.hidden = isElsewhere;
    this.page.desk.remember({ isElsewhere });
    if (isElsewhere) {
      this.frame.removeAttribute("src");
    } else if (!this.frame.src) {
      this.frame.src = this.page.addresses.viewer;
    }
  }

  moveOut(address = this.page.addresses.viewer) {
    this.window = window.open(address, WINDOW_NAME);
    this.window?.focus();
    this.show(true);
  }

  bringBack() {
    this.window?.close();
    this.window = null;
    this.show(false);
  }

  // A link into the viewer opens where the viewer is; others open as links do.
  follow(event, address) {
    if (!address.startsWith("/viewer/") || event.ctrlKey || event.metaKey || event.shiftKey) {
      return;
    }
    event.preventDefault();
    if (this.isElsewhere) {
      this.moveOut(address);
    } else {
      this.frame.src = address;
      this.page.beside.choose("images");
    }
  }

  get cornerstone() {
    const shown = this.isElsewhere ? this.window : this.frame.contentWindow;
    return shown?.closed ? null : shown?.cornerstone;
  }

  // The image of the active view with its window, as a key image; null where there is none.
  image() {
    const { cornerstone } = this;
    const views = cornerstone?.getRenderingEngines?.().flatMap((engine) => engine.getViewports()) ?? [];
    const active = views.find((view) => view.element?.closest(PANES)?.dataset.isActive === "true") ?? views[0];
    const imageId = active?.getCurrentImageId?.();
    const uids = imageId && IMAGE_UIDS.exec(imageId);
    return uids ? this.described(cornerstone, active, imageId, uids) : null;
  }

  described(cornerstone, view, imageId, [, study, series, instance, frame]) {
    const range = view.getProperties?.().voiRange;
    const { windowCenter = null, windowWidth = null } = range
      ? cornerstone.utilities.windowLevel.toWindowLevel(range.lower, range.upper)
      : {};
    return {
      studyInstanceUid: study, seriesInstanceUid: series, sopInstanceUid: instance, frame: Number(frame ?? 1),
      sopClassUid: cornerstone.metaData.get("sopCommonModule", imageId)?.sopClassUID ?? "",
      center: windowCenter, width: windowWidth, caption: "", hasAnnotations: true,
    };
  }
}
