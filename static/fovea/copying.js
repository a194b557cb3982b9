// Buttons that copy the text of another element: data-copies names it, data-done is what the button says then.
"use strict";

for (const button of document.querySelectorAll("button[data-copies]")) {
  const source = document.getElementById(button.dataset.copies);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(source.textContent);
    } catch {
      // Only pages over TLS have a clipboard: the text is selected, for the reader to copy.
      getSelection().selectAllChildren(source);
      if (!document.execCommand("copy")) {
        return;
      }
    }
    button.textContent = button.dataset.done;
  });
}
