// The lists of the desk. Rows are copies of the page's templates; only what changed is drawn, so that a row in which somebody types
// stays. A long list shows a part of its rows; the rest comes by a press, without network as well.
const AT_ONCE = 60; // rows that a tablet draws in a moment; the page brings fewer
const drawn = new WeakMap();
export const list = (box, items, draw) => {
  const there = new Map([...box.children].filter((row) => row.dataset.uid).map((row) => [row.dataset.uid, row]));
  const wanted = new Set(items.map((item) => item.uid));
  for (const [uid, row] of there) if (!wanted.has(uid)) row.remove();
  let next = box.querySelector(":scope > [data-uid]");
  for (const item of items) {
    let row = there.get(item.uid);
    const fresh = !row;
    row ??= box.querySelector(":scope > template").content.firstElementChild.cloneNode(true);
    row.dataset.uid = item.uid;
    const said = JSON.stringify(item);
    if (drawn.get(row) !== said) draw(row, item, fresh);
    drawn.set(row, said);
    if (row === next) next = row.nextElementSibling; else box.insertBefore(row, next);
  }
};

const most = (box) => Math.max(Number(box.dataset.most), AT_ONCE);

/** Draw of *items* the part that *box* shows (the last ones with data-last), what stands there already, and what `must` be seen. */
export function part(box, items, draw, must = () => false) {
  const from = "last" in box.dataset ? Math.max(0, items.length - most(box)) : 0;
  const there = new Set([...box.children].map((row) => row.dataset.uid));
  const shown = items.filter((item, place) => (place >= from && place < from + most(box)) || there.has(item.uid) || must(item));
  list(box, shown, draw);
  const rest = document.querySelector(`[data-rest="${box.dataset.rows}"]`);
  rest.hidden = shown.length === items.length;
  rest.querySelector("[data-t]").textContent = String(items.length - shown.length);
}

/** Let the links to the rest of a list show more of it here; `show` draws. */
export function more(root, show) {
  root.addEventListener("click", (event) => {
    const link = event.target.closest("[data-more]");
    if (!link) return;
    event.preventDefault();
    const rest = link.closest("[data-rest]");
    const box = root.querySelector(`[data-rows="${rest.dataset.rest}"]`);
    box.dataset.most = String(most(box) + AT_ONCE);
    show();
    if (rest.hidden) box.querySelector("summary, button")?.focus();
  });
}
