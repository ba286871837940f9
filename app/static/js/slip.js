// Buttons of a receipt that only a script can serve: [data-print] prints the page, [data-copy=SELECTOR] copies the texts that
// the selector finds, a line each, and then says what is in data-done. They are hidden until they work here.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue; // a page without HTTPS: the codes can still be chosen by hand
  button.hidden = false;
  button.setAttribute("aria-live", "polite");
  button.addEventListener("click", async () => {
    const texts = [...document.querySelectorAll(button.dataset.copy)].map((each) => each.textContent.trim());
    try { await navigator.clipboard.writeText(texts.join("\n")); } catch { return; }
    button.textContent = button.dataset.done;
  });
}
