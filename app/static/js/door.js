// The door of a session. Each scan is written down on this device first and sent when there is a network; the server takes each
// uid once. What the device knows of the codes are digests, so that a lost telephone gives no list away.
// Without this script, or without HTTPS, the page's two plain forms do the same.
const door = document.querySelector("[data-door]");
const say = (text, facts) => text.replace(/\{(\w+)\}/g, (_, name) => facts[name] ?? "");
if (door && globalThis.crypto?.subtle && crypto.randomUUID) {
  const words = door.dataset;
  const [waiting, known] = [`door:${words.door}`, `door-codes:${words.door}`];
  const read = (name, otherwise) => { try { return JSON.parse(localStorage.getItem(name)) ?? otherwise; } catch { return otherwise; } };
  const keep = (name, value) => { try { localStorage.setItem(name, JSON.stringify(value)); return true; } catch { return false; } };
  const log = door.querySelector("[data-log]");
  const sync = door.querySelector("[data-sync]");

  const show = (uid, text, tone) => {
    const line = [...log.children].find((each) => each.dataset.uid === uid) ?? log.insertBefore(document.createElement("li"), log.firstChild);
    line.dataset.uid = uid;
    line.className = tone;
    line.textContent = text;
    while (log.children.length > 6) log.lastChild.remove();
  };
  const status = (text) => { sync.hidden = !text; sync.textContent = text; };
  // As the server reads it: any case, spaces or dashes; no O, I or L is in a code.
  const tidy = (code) => code.toUpperCase().replace(/[\s‐-―-]+/g, "").replaceAll("O", "0").replace(/[IL]/g, "1");
  const digest = async (code) => {
    const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`${words.door}:${tidy(code)}`));
    return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("").slice(0, 20);
  };

  let sending = false;
  const send = async () => {
    const scans = read(waiting, []).slice(0, 100);
    if (sending || !scans.length) return;
    sending = true;
    let more = false;
    try {
      const headers = { "Content-Type": "application/json", "X-CSRFToken": words.token };
      const answer = await fetch(words.send, { method: "POST", headers, body: JSON.stringify({ scans }) });
      const said = answer.ok ? await answer.json() : { results: [] };
      const taken = new Set(said.results.map((each) => each.uid));
      keep(waiting, read(waiting, []).filter((each) => !taken.has(each.uid)));
      for (const each of said.results) show(each.uid, each.text, each.state === "came" ? "note-go" : "note-bad");
      if (answer.ok) door.querySelector("[data-present]").textContent = said.present;
      const left = read(waiting, []).length;
      more = left > 0 && taken.size > 0;
      status(!left ? words.sent : say(answer.ok || answer.status >= 500 ? words.waits : words.signIn, { count: left }));
    } catch { // no network
      status(say(words.waits, { count: read(waiting, []).length }));
    }
    sending = false;
    if (more) send();
  };

  const write = async (scan) => {
    scan = { uid: crypto.randomUUID(), at: new Date().toISOString(), ...scan };
    if (!keep(waiting, [...read(waiting, []), scan])) return false; // nothing can be kept here: the plain form goes out
    const codes = read(known, { people: {}, came: [] });
    if (scan.code) {
      const mark = await digest(scan.code);
      const what = codes.came.includes(mark) ? words.again : mark in codes.people ? words.known : words.unknown;
      show(scan.uid, say(what, { code: tidy(scan.code), people: codes.people[mark] }), what === words.known ? "note-go" : "note-bad");
      if (what === words.known) keep(known, { ...codes, came: [...codes.came, mark] });
    } else show(scan.uid, say(words.wrote, scan), "note-go");
    send();
    return true;
  };

  const take = (form, facts) => form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const given = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name.replace(/^(ma|khach)-/, ""), value.trim()]));
    const scan = facts(given);
    if (!scan) return form.querySelector("input:not([type=hidden])").focus();
    if (given.hall) scan.hall = Number(given.hall);
    if (!await write(scan)) return form.submit();
    for (const input of form.querySelectorAll("input:not([type=hidden])")) input.value = input.defaultValue;
    form.querySelector("input:not([type=hidden])").focus();
  });
  const byCode = door.querySelector("[data-by-code]");
  take(byCode, ({ code }) => code && { code });
  take(door.querySelector("[data-walk-in]"), ({ name, comes_from, people }) => name && { name, comes_from, people: Number(people) || 1 });

  fetch(words.codes).then((answer) => answer.ok && answer.json()).then((codes) => codes && keep(known, codes)).catch(() => {});
  addEventListener("online", send);
  setInterval(send, 10_000);
  send();

  const button = door.querySelector("[data-camera]");
  if ("BarcodeDetector" in globalThis && navigator.mediaDevices) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const video = door.querySelector("[data-video]");
      try { video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } }); } catch { return; }
      button.hidden = true;
      video.hidden = false;
      await video.play();
      const detector = new BarcodeDetector({ formats: ["qr_code"] });
      let last = "";
      setInterval(async () => {
        const [found] = await detector.detect(video).catch(() => []);
        if (!found || found.rawValue === last) return; // the same sheet, still before the camera
        last = found.rawValue;
        byCode.querySelector("input:not([type=hidden])").value = last;
        byCode.requestSubmit();
      }, 400);
    });
  }
}
