// While someone types in textarea[data-similar=URL], offer public answered items like it. The URL answers with a fragment
// of HTML (empty when nothing is alike) that goes into the live region whose id is in data-similar-into.
const PAUSE_MS = 700;
const ENOUGH = 15; // characters; less finds everything
for (const area of document.querySelectorAll("textarea[data-similar]")) {
  const into = document.getElementById(area.dataset.similarInto);
  if (!into) continue;
  let timer, asked = "", under;
  const ask = async () => {
    const text = area.value.trim().slice(0, 500);
    // Words meant for sealed intake are never sent while they are being typed.
    if (text === asked || area.form?.querySelector("[data-sensitive]:checked")) return;
    asked = text;
    under?.abort();
    if (text.length < ENOUGH) { into.replaceChildren(); into.hidden = true; return; }
    under = new AbortController();
    try {
      // POST keeps what is being typed out of addresses, and so out of every log.
      const body = new FormData();
      body.set("q", text);
      body.set("csrf_token", area.form?.elements.csrf_token?.value ?? "");
      const answer = await fetch(area.dataset.similar, { method: "POST", body, signal: under.signal });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      into.replaceChildren(...page.body.childNodes);
      into.hidden = !into.textContent.trim();
    } catch { /* a help that fails is silent: the form works without it */ }
  };
  area.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, PAUSE_MS); });
}
