// Within the browser's sound thread: hands on what the microphone hears.
"use strict";

// Samples that are handed on together.
const TOGETHER = 2048;

class Capturing extends AudioWorkletProcessor {
  constructor() {
    super();
    this.samples = new Float32Array(TOGETHER);
    this.count = 0;
  }

  process([[heard]]) {
    for (const sample of heard ?? []) {
      this.samples[this.count++] = sample;
      if (this.count === TOGETHER) {
        this.port.postMessage(this.samples.slice());
        this.count = 0;
      }
    }
    return true;
  }
}

registerProcessor("capturing", Capturing);
