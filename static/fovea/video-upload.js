// The page on which videos are dropped: whose they are, and what becomes of each.
"use strict";

const ASK_MS = 1500;
const LONGEST_BATCH = 64;
const ENDED = ["done", "failed", "cancelled"];
// What is said of a video whoever it is of.
const COMMON = ["preset", "laterality", "studyDescription", "manufacturer", "model", "masks"];
const whose = new Whose(form, said.chooseLead);

// The films of one person and one day are one study; those of a step or an appointment are its study anyway.
function batch() {
  const { leadId, patientId } = form.elements;
  const day = new Date().toISOString().slice(0, 10);
  const key = { lead: leadId.value, form: patientId.value }[whose.kind];
  return key && `${day} ${whose.kind} ${key}`.slice(0, LONGEST_BATCH);
}

function described() {
  const common = Object.fromEntries(COMMON.map((each) => [each, form.elements[each].value]));
  const { acquired, sound } = form.elements;
  const told = { ...whose.told(), ...common, batch: batch(), acquired: Whose.zoned(acquired.value) };
  const given = Object.fromEntries(Object.entries(told).filter(([, value]) => value));
  return { ...given, sound: sound.checked ? "keep" : "strip" };
}

async function follow(row, job) {
  const query = `?jobId=${job.split("/").pop()}&limit=1`;
  for (;;) {
    const answer = await fetch(form.dataset.videos + query).catch(() => null);
    const [video] = answer?.ok ? (await answer.json()).results : [];
    if (video) {
      tell(row, video);
    }
    if (video && ENDED.includes(video.state)) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, ASK_MS));
  }
}

function tell(row, video) {
  const isFailed = ["failed", "cancelled"].includes(video.state);
  const percent = video.state === "done" ? 100 : (video.progress?.percent ?? 0);
  const words = { done: said.stored, queued: said.converting }[video.state] ?? video.progress?.text ?? said.converting;
  row.show(isFailed ? video.error : words, percent);
  row.line.classList.toggle("failed", isFailed);
  const link = document.createElement("a");
  link.className = "fovea-button";
  link.href = form.dataset.page.replace("/0/", `/${video.id}/`);
  link.textContent = said.details;
  row.offer(link);
}

dropping(described, follow);
