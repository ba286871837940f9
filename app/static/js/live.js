// A page that shows what is on now. It asks every few seconds whether anything changed, without cookies; 304 says that nothing did.
// What did change comes as HTML that the server drew and escaped, and takes the place of its region. Without this script the page
// loads itself anew.
const live = document.querySelector("[data-live]");
if (live) {
  const every = Number(live.dataset.every) * 1000;
  const regions = new Map([...document.querySelectorAll("[data-region]")].map((each) => [each.dataset.region, each]));
  const drawn = new Map();
  const lost = document.querySelector("[data-lost]");
  let etag = live.dataset.etag; // what the page shows already
  let skew = Date.parse(live.dataset.now) - Date.now(); // the server's clock is the one that counts
  let failures = 0;

  const put = (into, html) => {
    const held = into.contains(document.activeElement) ? document.activeElement.value : null;
    into.replaceChildren(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
    if (held) into.querySelector(`[value="${CSS.escape(held)}"]`)?.focus();
  };

  const tick = () => {
    for (const each of document.querySelectorAll("[data-begun]")) {
      const left = Math.round((Date.parse(each.dataset.begun) + Number(each.dataset.minutes) * 60_000 - Date.now() - skew) / 1000);
      const time = `${Math.floor(Math.abs(left) / 60)}:${String(Math.abs(left) % 60).padStart(2, "0")}`;
      each.textContent = (left < 0 ? each.dataset.over : each.dataset.left ?? "{time}").replace("{time}", time);
      each.classList.toggle("over", left < 0);
    }
  };

  const own = live.dataset.own && document.querySelector("[data-own-into]");
  const mine = async () => {
    const answer = await fetch(live.dataset.own, { cache: "no-store" });
    if (answer.ok) put(own, await answer.text());
  };

  // --- "Tôi cũng muốn biết" without leaving the page --------------------------------------------------------------------
  const support = document.querySelector("#ung-ho");
  const pressed = new Set();
  const mark = () => {
    for (const button of document.querySelectorAll("button[form=ung-ho]")) {
      if (!pressed.has(button.value)) continue;
      button.textContent = support.dataset.pressed;
      button.setAttribute("aria-disabled", "true");
    }
  };
  support?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { value } = event.submitter;
    if (pressed.has(value)) return;
    const body = new FormData(support);
    body.set("cau", value);
    pressed.add(value);
    mark();
    try {
      await fetch(support.action, { method: "POST", body, redirect: "manual" });
    } catch { // no network: it may be pressed again
      pressed.delete(value);
    }
    ask();
  });

  const ask = async () => {
    try {
      const answer = await fetch(live.dataset.live, {
        cache: "no-store", credentials: live.dataset.signed === undefined ? "omit" : "same-origin", headers: etag ? { "If-None-Match": etag } : {},
      });
      if (answer.status === 200) {
        const said = await answer.json();
        skew = Date.parse(said.now) - Date.now();
        for (const [name, html] of Object.entries(said.regions)) {
          if (drawn.get(name) === html || !regions.has(name)) continue;
          drawn.set(name, html);
          put(regions.get(name), html);
        }
        etag = answer.headers.get("ETag") ?? "";
        mark();
        tick();
        if (own) await mine();
      } else if (answer.status !== 304) throw new Error(String(answer.status));
      failures = 0;
    } catch { // no network, or a server that is busy: ever more rarely, up to once a minute
      failures = Math.min(failures + 1, 4);
    }
    if (lost) lost.hidden = failures < 2;
  };
  const again = () => setTimeout(async () => { await ask(); again(); }, Math.min(every * 2 ** failures, 60_000) * (1 + Math.random() / 4));
  // A whole hall opens the page at the same moment; it must not ask at the same moment ever after.
  setTimeout(async () => { await ask(); again(); }, every * Math.random());
  addEventListener("online", ask);
  if (document.querySelector("[data-begun]") || regions.size) { tick(); setInterval(tick, 1000); }
}
