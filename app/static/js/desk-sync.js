// Sends what the device keeps and asks how the session stands: every five seconds, rarer while nothing answers, at once when something was
// written or the network is back. A fact stays on the device until the server answered for its id.
const [EVERY, RAREST, PATIENCE] = [5_000, 20_000, 20_000]; // milliseconds
const [MOST, LARGEST] = [100, 150_000]; // facts and characters sent at once

const ask = async (address, options = {}) => {
  const answer = await fetch(address, { cache: "no-store", redirect: "manual", signal: AbortSignal.timeout(PATIENCE), ...options });
  if (answer.type === "opaqueredirect" || answer.status === 401) throw "ended";
  if (answer.status === 403 || answer.status === 404) throw "barred";
  if (answer.status >= 500 || answer.status === 429) throw "network";
  return answer;
};
const isJson = (answer) => answer.headers.get("Content-Type")?.includes("json");

/** `words`: the desk's data (addresses, token, user). `keep(state)` takes what the server says, `show()` draws. Returns `round`, to be
    called when there is something to send, `outline`, the page without its rows, and what is true now: `trouble`, `since`, `sent`, `late`. */
export function sync(words, store, { keep, show }) {
  const told = { trouble: "", since: 0, sent: false, late: false };
  let etag = "", fails = 0, most = MOST, timer = 0, busy = false, hurry = false;

  // Carries a token of the session one is signed in with now.
  told.outline = async () => {
    const answer = await ask(words.outline);
    const drawn = new DOMParser().parseFromString(await answer.clone().text(), "text/html").querySelector("[data-desk]");
    if (!drawn) throw "network";
    Object.assign(words, { token: drawn.dataset.token, user: drawn.dataset.user });
    return answer;
  };

  const send = async (events, again = true) => {
    const body = JSON.stringify({ device: store.rows.get("device"), events: events.map(({ user, ...event }) => event) });
    const headers = { "Content-Type": "application/json", "X-CSRFToken": words.token };
    const answer = await ask(words.events, { method: "POST", body, headers });
    if (answer.ok && isJson(answer)) return answer.json();
    if (answer.status === 400 && !isJson(answer) && again) { // the token is of an earlier session, perhaps somebody else's
      const before = words.user;
      await told.outline();
      return words.user === before ? send(events, false) : { results: [] };
    }
    if (!isJson(answer) && answer.status !== 413) throw "network";
    if (events.length > 1) { most = 1; return { results: [] }; } // one of them it is; the next rounds say which
    return { results: [{ uid: events[0].uid, state: "refused", why: (isJson(answer) && (await answer.json()).why) || words.unreadable }] };
  };

  const look = async () => {
    const answer = await ask(words.state, etag ? { headers: { "If-None-Match": etag } } : {});
    if (answer.status === 304) return;
    if (!answer.ok) throw "network";
    await keep(await answer.json());
    etag = answer.headers.get("ETag") ?? "";
  };

  // Returns whether there may be more to send.
  const meet = async () => {
    await store.again(); // another tab may have sent some
    const batch = [];
    for (const event of store.pending(words.user).slice(0, most)) {
      if (batch.length && JSON.stringify([...batch, event]).length > LARGEST) break;
      batch.push(event);
    }
    if (!batch.length) return look();
    const alone = most === 1;
    const said = await send(batch);
    const known = new Map(batch.map((event) => [event.uid, event]));
    const answered = said.results.filter((each) => known.has(each.uid));
    for (const { uid, state, why } of answered) {
      if (state === "refused") await store.put(`refused:${uid}`, { ...known.get(uid), why });
      else told.late ||= state === "late";
    }
    if (said.state) { etag = ""; await keep(said.state); }
    await store.drop(answered.map(({ uid }) => `event:${uid}`));
    if (!alone && most === 1) return true;
    if (!answered.length) throw "network"; // it took none of them, and says nothing
    told.sent = true;
    most = MOST;
    return store.pending(words.user).length > 0;
  };

  told.round = async () => {
    hurry = busy;
    if (busy) return;
    busy = true;
    clearTimeout(timer);
    try {
      while (await navigator.locks.request(`desk:${words.desk}`, meet)) show(); // one tab at a time
      Object.assign(told, { trouble: "", since: 0 });
      fails = 0;
    } catch (error) {
      told.trouble = ["ended", "barred"].includes(error) ? error : "network";
      told.since ||= Date.now();
      fails += 1;
    }
    busy = false;
    show();
    timer = setTimeout(told.round, hurry ? 0 : Math.min(EVERY * 2 ** Math.max(0, fails - 1), RAREST));
    hurry = false;
  };
  addEventListener("online", told.round);
  addEventListener("offline", told.round);
  return told;
}
