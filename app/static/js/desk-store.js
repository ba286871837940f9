// What the desk keeps of one session on this device until it was sent: facts (event:), refused ones (refused:), text being typed
// (draft:), where the device stands. IndexedDB; where a browser has none that works, localStorage, one key a fact, so that two tabs
// never write over each other. What the server said is no part of it: that lies in the cache with the page (desk.js).
const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = request.onblocked = () => reject(request.error);
});
const finished = (transaction) => new Promise((resolve, reject) => {
  transaction.oncomplete = () => resolve();
  transaction.onabort = transaction.onerror = () => reject(transaction.error);
});

const local = (prefix) => ({
  async all() {
    return Object.keys(localStorage).filter((key) => key.startsWith(prefix))
      .map((key) => [key.slice(prefix.length), JSON.parse(localStorage.getItem(key))]);
  },
  async put(key, value) { localStorage.setItem(prefix + key, JSON.stringify(value)); },
  async drop(keys) { for (const key of keys) localStorage.removeItem(prefix + key); },
});

const indexed = async (prefix) => {
  const opening = indexedDB.open("desk", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("kept");
  const database = await done(opening);
  const change = async (work) => {
    // On the disk before anybody is told that it is kept: a battery may die in the hall.
    const transaction = database.transaction("kept", "readwrite", { durability: "strict" });
    work(transaction.objectStore("kept"));
    await finished(transaction);
  };
  return {
    async all() {
      const store = database.transaction("kept").objectStore("kept");
      const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`);
      const [keys, values] = await Promise.all([done(store.getAllKeys(range)), done(store.getAll(range))]);
      return keys.map((key, place) => [key.slice(prefix.length), values[place]]);
    },
    put: (key, value) => change((store) => store.put(value, prefix + key)),
    drop: (keys) => change((store) => keys.forEach((key) => store.delete(prefix + key))),
  };
};

/** Open what this device keeps of a session: `rows` (a Map, as it lies there), `put`, `drop`, `again` (read what another tab wrote).
    Tabs tell each other; `changed` is called when another one wrote. Throws where nothing can be kept. */
export async function openStore(session, changed) {
  const prefix = `desk/${session}/`;
  let place;
  try {
    place = await indexed(prefix);
    const before = await local(prefix).all(); // from a day on which IndexedDB did not work
    for (const [key, value] of before) await place.put(key, value);
    await local(prefix).drop(before.map(([key]) => key));
  } catch { place = local(prefix); }
  const others = new BroadcastChannel(prefix);
  const store = { rows: new Map() };
  store.again = async () => { store.rows = new Map(await place.all()); };
  store.put = async (key, value) => {
    await place.put(key, value);
    store.rows.set(key, value);
    others.postMessage(key);
  };
  store.drop = async (keys) => {
    await place.drop(keys);
    for (const key of keys) store.rows.delete(key);
    others.postMessage("");
  };
  store.under = (kind) => [...store.rows].filter(([key]) => key.startsWith(`${kind}:`)).map(([, value]) => value);
  // What waits to be sent, as it was pressed: all, or what one account wrote.
  store.pending = (user) => store.under("event").filter((each) => !user || each.user === user).sort((a, b) => a.at.localeCompare(b.at));
  others.onmessage = async ({ data }) => {
    if (data.startsWith("draft:")) return; // what is typed in another tab stays there until it is closed
    await store.again();
    changed();
  };
  await store.again();
  return store;
}
