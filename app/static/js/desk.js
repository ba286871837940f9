// The desk of a session's secretary. Each form of the page becomes a fact with an id of its own, kept on this device before anything
// else, shown at once, and sent when there is a network; the server takes each id once, so that sending again does no harm.
// Without this script, or without HTTPS, the same forms go to the server one by one.
import { fold } from "./desk-fold.js";
import { forms } from "./desk-forms.js";
import { list, more } from "./desk-list.js";
import { openStore } from "./desk-store.js";
import { sync } from "./desk-sync.js";
import { draw, fill, say, tick, time } from "./desk-view.js";

const OVER = ["concluded", "published", "archived", "cancelled", "postponed"]; // the device keeps no page of it any more
const WRONG_CLOCK = 60_000; // milliseconds: less is the way to the server and back
const cached = async (work) => { try { return await work(globalThis.caches); } catch { return undefined; } }; // there may be no cache

async function start(root, words) {
  const name = `desk:${words.desk}`;
  const opened = new Set();
  let state = null, seen = null, skew = 0, last = 0; // seen: the state with what waits on this device on top
  const setClock = (said) => {
    const off = Date.parse(said) - Date.now();
    skew = Math.abs(off) > WRONG_CLOCK ? off : 0;
  };
  if (Number(words.version) >= 0) setClock(words.now); // the page comes from the server; from the cache it would be of another hour

  const store = await openStore(words.desk, () => show());
  const now = () => Date.now() + skew;

  const show = () => {
    if (state) {
      const waiting = store.pending();
      seen = fold(state, waiting);
      seen.may_close &&= !waiting.length; // what is sent after the end has to be accepted
      page.floor(seen);
      draw(root, seen, { dress: page.dress, opened, floor: page.speaker(), kept: (uid) => [...store.rows.keys()].some((key) => key.startsWith("draft:") && key.endsWith(uid)) });
      tick(root, seen, now());
    }
    const refused = store.under("refused");
    root.querySelector("[data-refused]").hidden = !refused.length;
    list(root.querySelector('[data-rows="refused"]'), refused, (row, { uid, kind, at, facts, why }) => {
      const { hall, part, of, counted_in, kind: answer, ...said } = facts;
      fill(row, { kind: JSON.parse(words.kinds)[kind], at: time(at), said: Object.values(said).filter(Boolean).join("\n"), why });
      row.querySelector("[data-drop]").onclick = () => store.drop([`refused:${uid}`]).then(show);
    });
    status();
  };

  // Says what is true of this device, and never that something was sent before the server answered for it.
  const status = () => {
    const line = root.querySelector("[data-sync]");
    const text = line.querySelector("[data-sync-text]");
    const [all, own] = [store.pending(), store.pending(words.user)];
    const { trouble, since, sent, late } = server;
    const which = ["ended", "barred"].includes(trouble) ? trouble : trouble ? (own.length ? "waits" : "offline")
      : own.length ? "sending" : all.length ? "foreign" : late ? "keptLate" : sent ? "sent" : "";
    const said = which && say(words[which], { count: all.length, since: time(all[0]?.at ?? since) });
    line.hidden = !said;
    line.classList.toggle("sync-ok", ["sent", "sending"].includes(which));
    if (text.textContent !== said) text.textContent = said;
    line.querySelector("[data-sign-in]").hidden = trouble !== "ended";
  };

  const forget = async () => {
    await cached((caches) => caches.delete(name));
    const worker = await navigator.serviceWorker?.getRegistration(words.address);
    if (worker && new URL(worker.scope).pathname === words.address) await worker.unregister();
  };
  const keep = async (next) => {
    if (state && next.version < state.version) return; // asked before what we know of
    state = next;
    setClock(next.now);
    if (OVER.includes(state.status)) await forget();
    else await cached(async (caches) => (await caches.open(name)).put(words.state, new Response(JSON.stringify(state))));
  };
  const install = async () => {
    if (!globalThis.caches || !navigator.serviceWorker || !state || OVER.includes(state.status)) return;
    const shell = await server.outline();
    const files = [...document.querySelectorAll("link[href*='/static/'], script[src]")].map((each) => each.href ?? each.src);
    const fetched = performance.getEntriesByType("resource").map((each) => each.name).filter((each) => each.includes("/static/"));
    const cache = await caches.open(name);
    await cache.put(words.outline, shell);
    await cache.addAll(new Set([...files, ...fetched]));
    await navigator.serviceWorker.register(words.worker, { scope: words.address });
    await navigator.storage?.persist?.();
  };

  // The question one works on stands open; the one before it closes, unless somebody types in it.
  const close = (uid) => {
    const row = root.querySelector(`.asks > [data-uid="${CSS.escape(uid)}"] > details`);
    for (const each of root.querySelectorAll("details[data-worked]")) {
      if (each === row || each.querySelector("form[data-typed]")) continue;
      each.open = false;
      delete each.dataset.worked;
    }
    if (row) row.dataset.worked = "";
  };

  const write = async (said) => {
    last = Math.max(now(), last + 1); // in the order of the presses
    const event = { uid: crypto.randomUUID(), ...said, at: new Date(last).toISOString(), user: words.user };
    await store.put(`event:${event.uid}`, event);
    const works = ["called", "asked", "answered"].includes(event.kind);
    if (works) opened.add(event.subject);
    server.sent = false;
    show();
    if (works) close(event.subject);
    server.round();
  };

  const own = root.querySelector("[data-own-hall]");
  if (own) {
    own.value = store.rows.get("hall") ?? own.value;
    own.addEventListener("change", () => { store.put("hall", own.value); for (const each of root.querySelectorAll("[data-hall]")) each.value = own.value; });
  }
  root.querySelector("[data-device]").hidden = false;
  root.querySelector("[data-erase]").addEventListener("click", async () => {
    const waits = store.pending().length;
    if (!waits) {
      await store.drop([...store.rows.keys()].filter((key) => key !== "device"));
      await forget();
    }
    root.querySelector("[data-erase-said]").textContent = waits ? say(words.waiting, { count: waits }) : words.erased;
    show();
  });

  const page = forms(root, store, { write, show });
  more(root, show);
  const server = sync(words, store, { keep, show });
  if (!store.rows.has("device")) await store.put("device", crypto.randomUUID());
  const before = await cached(async (caches) => (await caches.match(words.state))?.json());
  if (before && before.version >= Number(words.version)) state = before; // else what the server drew is newer
  show();
  setInterval(() => { if (seen) tick(root, seen, now()); }, 1000);
  await server.round();
  await install();
}

const root = document.querySelector("[data-desk]");
// Where nothing can be kept the plain forms stay as they are.
if (root?.querySelector("[data-sync]") && globalThis.crypto?.randomUUID && navigator.locks) start(root, root.dataset).catch(() => {});
