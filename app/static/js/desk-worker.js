// Opens the desk of one session when there is no network. Only the desk's own address is its scope. The network comes first; the page
// that lies in the cache (the desk without its rows, put there by desk.js) is shown when nothing answers in time.
const desk = new URL(registration.scope).pathname;
const PATIENCE = 4000; // milliseconds: the Wi-Fi of a full hall is often there and answers nothing

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

const late = () => new Promise((_, reject) => { setTimeout(reject, PATIENCE); });
const kept = async (address, otherwise) => (await caches.match(address, { ignoreVary: true })) ?? otherwise();

addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== location.origin) return;
  const page = request.mode === "navigate" && address.pathname === desk;
  if (!page && !address.pathname.startsWith("/static/")) return;
  event.respondWith((async () => {
    const asked = fetch(request);
    asked.catch(() => {}); // said below, or too late to matter
    try {
      const answer = await Promise.race([asked, late()]);
      return answer.status >= 500 ? await kept(page ? `${desk}/khung` : request, () => answer) : answer;
    } catch {
      return kept(page ? `${desk}/khung` : request, () => asked);
    }
  })());
});
