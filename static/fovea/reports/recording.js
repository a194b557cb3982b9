// The microphone, until it is told to stop. At each pause what was spoken since the last one is handed on, as a WAV file
// of 16 bits and one channel.
"use strict";

// What browsers do to a voice for people's ears takes consonants from it, by which recognisers tell words apart. For the
// same reason it goes at the rate at which the browser has it: the server resamples better.
const RAW = { channelCount: 1, echoCancellation: false, noiseSuppression: false };
// No piece is longer, nor does the microphone stay on for longer without a word (seconds).
const MOST_SECONDS = 60;
const PAUSE_SECONDS = 0.9;
// Of silence before the first word.
const LEAD_SECONDS = 0.3;
// As loud (root mean square, of 1) speech is at least, and as many times louder than what was the quietest so far.
const LEAST_LOUDNESS = 0.008;
const TIMES_LOUDER = 3;
const WAV_HEAD = 44;
const WORKLET = document.currentScript.dataset.worklet;

class Recording {
  // `heard` is called with each piece, `ended` when nobody has said anything for so long.
  constructor(heard, ended) {
    this.heard = heard;
    this.ended = ended;
    this.quietest = 1;
    this.begin();
  }

  static get isPossible() {
    return Boolean(navigator.mediaDevices?.getUserMedia && window.AudioWorkletNode);
  }

  begin() {
    this.pieces = [];
    this.seconds = 0;
    this.silence = 0;
    this.isSpoken = false;
  }

  // Throws what the browser says: NotAllowedError, NotFoundError and others.
  async start() {
    this.stream = await navigator.mediaDevices.getUserMedia({ audio: RAW });
    this.context = new AudioContext();
    await this.context.audioWorklet.addModule(WORKLET);
    const source = this.context.createMediaStreamSource(this.stream);
    this.node = new AudioWorkletNode(this.context, "capturing", { numberOfOutputs: 0 });
    this.node.port.onmessage = ({ data }) => this.take(data);
    source.connect(this.node);
  }

  take(samples) {
    const seconds = samples.length / this.context.sampleRate;
    const isLoud = this.isLoud(samples);
    this.pieces.push(samples);
    this.seconds += seconds;
    this.silence = isLoud ? 0 : this.silence + seconds;
    this.isSpoken ||= isLoud;
    if (this.isSpoken && (this.silence >= PAUSE_SECONDS || this.seconds >= MOST_SECONDS)) {
      this.handOn();
    } else if (!this.isSpoken) {
      this.wait(seconds);
    }
  }

  isLoud(samples) {
    const loudness = Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
    this.quietest = Math.min(this.quietest, Math.max(loudness, LEAST_LOUDNESS / TIMES_LOUDER));
    return loudness > TIMES_LOUDER * this.quietest;
  }

  // Before the first word only the last moment is kept.
  wait(seconds) {
    while (this.pieces.length * seconds > LEAD_SECONDS) {
      this.pieces.shift();
    }
    if (this.seconds >= MOST_SECONDS) {
      this.ended();
    }
  }

  handOn() {
    const { pieces, isSpoken } = this;
    this.begin();
    if (isSpoken) {
      this.heard(wavOf(pieces, this.context.sampleRate));
    }
  }

  async stop() {
    this.stream?.getTracks().forEach((track) => track.stop());
    await this.context?.close();
    this.handOn();
  }
}

// Samples from -1 to 1 as a WAV file (RIFF, PCM).
function wavOf(pieces, rate) {
  const count = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const view = new DataView(new ArrayBuffer(WAV_HEAD + 2 * count));
  writeWavHead(view, 2 * count, rate);
  let at = WAV_HEAD;
  for (const piece of pieces) {
    for (const sample of piece) {
      view.setInt16(at, Math.round(Math.max(-1, Math.min(1, sample)) * 32_767), true);
      at += 2;
    }
  }
  return new Blob([view], { type: "audio/wav" });
}

function writeWavHead(view, bytes, rate) {
  const letters = (at, text) => [...text].forEach((letter, place) => view.setUint8(at + place, letter.charCodeAt(0)));
  letters(0, "RIFF");
  view.setUint32(4, WAV_HEAD - 8 + bytes, true);
  letters(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, 2 * rate, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  letters(36, "data");
  view.setUint32(40, bytes, true);
}
