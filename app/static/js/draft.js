// Keep what was typed in form[data-draft] on this device until it was sent, so that a reload, a closed tab or a lost
// connection costs nothing. Never for [data-sensitive] forms; nor once a [data-sensitive] choice is made in a form.
// The words stand in the template: [data-draft-note] says it was restored, [data-draft-drop] throws it away,
// [data-draft-offline] says that nothing was sent, [data-draft-kept] on a page without the form that something lies here.
// A page with <meta name="draft-done" content="name"> ends the draft.
const KEEP_DAYS = 7;
const key = (name) => `draft:${name}`;
const fields = (form) => [...form.elements].filter((field) => field.name && field.name !== "csrf_token"
  && !["hidden", "password", "file", "submit", "button"].includes(field.type) && !field.matches("fieldset, button"));
// A closed or full store (private windows) must not break the form.
const attempt = (work) => { try { return work(); } catch { return null; } };

for (const done of document.querySelectorAll('meta[name="draft-done"]')) attempt(() => localStorage.removeItem(key(done.content)));

// Where the form itself cannot be shown: say that what was typed lies here.
for (const line of document.querySelectorAll("[data-draft-kept]")) {
  line.hidden = !attempt(() => Object.keys(localStorage).some((name) => name.startsWith(key(""))));
}

for (const form of document.querySelectorAll("form[data-draft]:not([data-sensitive])")) {
  const name = key(form.dataset.draft);
  const note = form.querySelector("[data-draft-note]");
  const sealed = () => form.querySelector("[data-sensitive]:checked");
  const drop = () => attempt(() => localStorage.removeItem(name));
  const save = () => {
    if (sealed()) {
      for (const field of fields(form)) field.autocomplete = "off"; // nor does the browser remember what it sends now
      return drop();
    }
    const values = fields(form).map((f) => [f.name, f.type === "radio" || f.type === "checkbox" ? f.value : null,
      f.type === "radio" || f.type === "checkbox" ? f.checked : f.value]);
    attempt(() => localStorage.setItem(name, JSON.stringify({ at: Date.now(), values })));
  };
  const kept = attempt(() => JSON.parse(localStorage.getItem(name)));
  // What the server sent back (after an error, or from the review page) is newer than what lies here.
  const fresh = form.dataset.draftFresh === undefined;
  if (kept && Date.now() - kept.at > KEEP_DAYS * 864e5) drop();
  else if (kept && fresh) {
    const waiting = [...kept.values];
    let changed = false;
    for (const field of fields(form)) {
      const at = waiting.findIndex(([n, v]) => n === field.name && (v === null || v === field.value));
      if (at < 0) continue;
      const [[, option, value]] = waiting.splice(at, 1);
      if (option === null ? field.value !== value : field.checked !== value) {
        if (option === null) field.value = value; else field.checked = value;
        changed = true;
        const fold = field.closest("details");
        if (fold) fold.open = true;
        field.dispatchEvent(new Event("change", { bubbles: true }));
      }
    }
    if (changed && note) note.hidden = false;
  }
  let timer;
  form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(save, 400); });
  addEventListener("pagehide", () => { if (timer) { clearTimeout(timer); save(); } });
  form.querySelector("[data-draft-drop]")?.addEventListener("click", () => {
    clearTimeout(timer); timer = null; drop(); form.reset(); note.hidden = true;
    for (const field of fields(form)) field.dispatchEvent(new Event("change", { bubbles: true }));
    form.querySelector("textarea, input:not([type=hidden])")?.focus();
  });
  form.addEventListener("submit", (event) => {
    const offline = form.querySelector("[data-draft-offline]");
    if (navigator.onLine || !offline) return;
    event.preventDefault();
    save();
    offline.hidden = false;
    offline.focus();
  });
}
