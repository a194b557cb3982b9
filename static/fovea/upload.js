// The page on which large files are dropped: what becomes of each is shown.
"use strict";

const ASK_MS = 1500;
const ENDED = ["done", "failed", "cancelled"];

async function follow(row, job) {
  const query = `?jobId=${job.split("/").pop()}&limit=1`;
  for (;;) {
    const answer = await fetch(form.dataset.batch + query);
    if (!answer.ok) {
      row.show(said.storing, 100);
      return;
    }
    const batch = await answer.json();
    if (ENDED.includes(batch.state)) {
      tell(row, batch);
      return;
    }
    row.show(batch.count > 1 ? filled(said.progress, batch.progress) : said.storing, 100);
    await new Promise((resolve) => setTimeout(resolve, ASK_MS));
  }
}

function tell(row, batch) {
  const found = Object.entries(said.outcomes).filter(([outcome]) => batch.counts[outcome]);
  row.show(batch.error || found.map(([outcome, words]) => `${words}: ${batch.counts[outcome]}`).join(" · "), 100);
  row.line.classList.toggle("failed", batch.state !== "done" || batch.counts.refused > 0);
  const link = document.createElement("a");
  link.className = "fovea-button";
  link.href = form.dataset.page.replace("/0/", `/${batch.id}/`);
  link.textContent = said.details;
  row.offer(link);
}

dropping(() => (form.elements.leadId.value ? { leadId: form.elements.leadId.value } : {}), follow);
