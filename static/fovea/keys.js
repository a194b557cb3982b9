// Keys of the keyboard for what the page does anyway: data-key names the key of a button, link or field.
"use strict";

const WRITING = "input, select, textarea, [contenteditable]";

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.target.closest(WRITING)) {
    return;
  }
  const meant = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!meant) {
    return;
  }
  event.preventDefault();
  if (meant.matches(WRITING)) {
    meant.focus();
  } else {
    meant.click();
  }
});
