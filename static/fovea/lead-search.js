// A field in which a lead is found as its name is typed; its form's `leadId` is the one that was chosen.
"use strict";

for (const search of document.querySelectorAll("#lead-search")) {
  const WAIT_MS = 250;
  const form = search.form;
  const found = document.getElementById("lead-found");
  const chosen = form.elements.leadId;
  let timer = 0;
  let asked = 0;

  function show(leads) {
    found.replaceChildren(
      ...leads.map((lead) => {
        const line = document.createElement("li");
        const button = document.createElement("button");
        button.type = "button";
        button.role = "option";
        const name = [lead.familyName, lead.givenName].filter(Boolean).join(", ");
        button.textContent = [name, lead.birthDate, lead.externalId].filter(Boolean).join(" · ");
        button.addEventListener("click", () => {
          chosen.value = lead.id;
          search.value = name;
          show([]);
        });
        line.append(button);
        return line;
      }),
    );
    found.hidden = !leads.length;
    search.ariaExpanded = String(!found.hidden);
  }

  async function find() {
    const number = ++asked;
    const name = search.value.trim();
    const query = new URLSearchParams({ name, limit: "8" });
    const answer = name ? await fetch(`${form.dataset.leads}?${query}`) : null;
    if (number === asked) {
      show(answer?.ok ? (await answer.json()).results : []);
    }
  }

  search.addEventListener("input", () => {
    chosen.value = "";
    clearTimeout(timer);
    timer = setTimeout(find, WAIT_MS);
  });
}
