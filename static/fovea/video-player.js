// The player of a video's page: its strip, and what is taken out of it.
"use strict";

const player = document.getElementById("player");
const film = player.querySelector("video");
const strip = player.querySelector(".fovea-strip");
const note = document.getElementById("player-said");
const words = JSON.parse(document.getElementById("player-words").textContent);
const ASK_MS = 1000;
// What browsers don't play is made playable by a job: milliseconds between two looks for it, and how often one looks.
const READY_MS = 4000;
const MOST_LOOKS = 150;
const ENDED = ["done", "failed", "cancelled"];
let looks = 0;
// Seconds of a picture where nothing is said.
const PICTURE = 1 / 30;
// Seconds that an arrow key goes on the strip.
const STRIDE = 5;

function clock(seconds) {
  const minutes = Math.floor(seconds / 60);
  return `${minutes}:${(seconds - 60 * minutes).toFixed(1).padStart(4, "0")}`;
}

function go(seconds) {
  film.currentTime = Math.min(film.duration || 0, Math.max(0, seconds));
}

function mark() {
  if (film.duration) {
    strip.querySelector("i").style.left = `${(100 * film.currentTime) / film.duration}%`;
  }
}

function seekByStrip(event) {
  const box = strip.getBoundingClientRect();
  go(((event.clientX - box.left) / box.width) * film.duration);
}

function seekByKeys(event) {
  const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (way) {
    event.preventDefault();
    go(film.currentTime + way * STRIDE);
  }
}

function say(text) {
  note.textContent = text;
  note.hidden = !text;
}

// Why it does not play: the server may still be making it playable, and says so by 503.
async function wait() {
  const answer = await fetch(film.src, { method: "HEAD" }).catch(() => null);
  if (answer?.status !== 503 || ++looks > MOST_LOOKS) {
    say(words.unplayable);
    return;
  }
  say(words.preparing);
  setTimeout(() => film.load(), READY_MS);
}

// What a page makes of an answer that is a problem document.
function problem(answer) {
  const errors = (answer.errors ?? []).map((error) => error.detail);
  return errors.length ? errors.join(" ") : answer.detail;
}

// Where things are taken out: stills and clips, each with a line that tells what became of it.
class Cutting {
  constructor() {
    this.picture = words.rate ? 1 / words.rate : PICTURE;
    this.start = 0;
    this.end = null;
    this.on("back", () => go(film.currentTime - this.picture));
    this.on("on", () => go(film.currentTime + this.picture));
    this.on("from", () => this.bound("start"));
    this.on("to", () => this.bound("end"));
    this.on("still", () => this.still(film.currentTime));
    this.on("clip", () => this.clip(this.start, this.end));
    film.addEventListener("timeupdate", () => (document.getElementById("now").value = clock(film.currentTime)));
  }

  on(place, pressed) {
    document.getElementById(place).addEventListener("click", pressed);
  }

  bound(which) {
    this[which] = film.currentTime;
    document.getElementById("from-time").value = clock(this.start);
    document.getElementById("to-time").value = this.end === null ? "—" : clock(this.end);
    document.getElementById("clip").disabled = !(this.end > this.start);
  }

  still(seconds) {
    return this.make(player.dataset.stills, { times: [seconds] }, clock(seconds), words.still);
  }

  clip(from, to) {
    return this.make(player.dataset.clips, { from, to }, `${clock(from)} – ${clock(to)}`, words.clip);
  }

  // Asks for a job, and tells in a line of its own what became of it.
  async make(address, body, where, stored) {
    const line = document.createElement("li");
    document.getElementById("made").prepend(line);
    const tell = (text) => (line.textContent = `${where} · ${text}`);
    tell(words.waiting);
    try {
      const answer = await fetch(address, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
      });
      const made = await answer.json();
      tell(answer.ok ? (await followed(made)) || stored : problem(made));
    } catch {
      tell(words.broken);
    }
  }
}

// Why the job failed; nothing where all went well.
async function followed(job) {
  while (!ENDED.includes(job.state)) {
    await new Promise((resolve) => setTimeout(resolve, ASK_MS));
    job = await (await fetch(player.dataset.job.replace("/0", `/${job.id}`))).json();
  }
  return job.state === "done" ? "" : job.error;
}

film.addEventListener("timeupdate", mark);
film.addEventListener("error", wait);
film.addEventListener("loadeddata", () => say(""));
strip.addEventListener("click", seekByStrip);
strip.addEventListener("keydown", seekByKeys);
if (document.getElementById("cut")) {
  new Cutting();
}
