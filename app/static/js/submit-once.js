// A second press of a button that is already on its way does nothing. The server has its own guard; this only spares the wait.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || event.submitter?.formTarget) return; // what opens elsewhere leaves the form here
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "1";
  // Not `disabled`: a disabled button would drop its own name and value from what is sent.
  event.submitter?.setAttribute("aria-disabled", "true");
});
// Back from the next page, or restored from the browser's memory: the form is usable again.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.querySelector("[aria-disabled]")?.removeAttribute("aria-disabled");
  }
});
// Whoever signs out leaves no page with names behind: what desk.js keeps for the hours without network. What was not sent yet stays.
document.addEventListener("submit", async ({ target }) => {
  if (!target.matches("[data-leaving]") || !globalThis.caches) return;
  for (const name of await caches.keys()) if (name.startsWith("desk:")) caches.delete(name);
});
