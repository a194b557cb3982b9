// The page of a recording that goes on: pictures are counted as they come, and what is new otherwise loads it anew.
"use strict";

(() => {
  const ASK_MS = 2000;
  const card = document.getElementById("recording");

  async function look() {
    const answer = await fetch(card.dataset.address).catch(() => null);
    if (answer?.ok) {
      const recording = await answer.json();
      document.getElementById("pictures").textContent = recording.pictures;
      const isNew = recording.state !== card.dataset.state || recording.segments.length !== Number(card.dataset.segments);
      if (isNew) {
        location.reload();
        return;
      }
    }
    setTimeout(look, ASK_MS);
  }

  setTimeout(look, ASK_MS);
})();
