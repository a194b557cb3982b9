// How far work is that is not finished: lines with `data-progress` (the address that tells of it) are kept up to date, and
// the page is loaded anew when one has ended.
"use strict";

(() => {
  const ASK_MS = 1500;
  const ENDED = ["done", "failed", "cancelled"];

  // Whether it has ended; a server that doesn't answer is asked again.
  async function ask(line) {
    const answer = await fetch(line.dataset.progress).catch(() => null);
    if (!answer?.ok) {
      return false;
    }
    const told = await answer.json();
    const percent = told.progress?.percent ?? 0;
    line.querySelector(".fill").setAttribute("width", percent);
    line.querySelector(".state").textContent = [told.progress?.text, percent ? `${percent} %` : ""].filter(Boolean).join(" · ");
    return ENDED.includes(told.state);
  }

  async function watch() {
    for (;;) {
      const lines = [...document.querySelectorAll("[data-progress]")];
      let hasEnded = false;
      for (const line of lines) {
        hasEnded = (await ask(line)) || hasEnded;
      }
      if (hasEnded || !lines.length) {
        return hasEnded;
      }
      await new Promise((resolve) => setTimeout(resolve, ASK_MS));
    }
  }

  watch().then((hasEnded) => {
    if (hasEnded) {
      location.reload();
    }
  });
})();
