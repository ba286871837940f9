// Keys for table[data-rows]: J and K move, X chooses, Enter opens, N presses the row's [data-key-n], / goes to the search box.
// Everything works without them; they are silent while someone types.
for (const table of document.querySelectorAll("table[data-rows]")) {
  const rows = [...table.tBodies].flatMap((body) => [...body.rows]);
  let at = rows.findIndex((row) => row.hasAttribute("aria-current"));
  const go = (to) => {
    if (!rows.length) return;
    at = Math.min(Math.max(to, 0), rows.length - 1);
    rows[at].tabIndex = -1;
    rows[at].focus();
    rows[at].scrollIntoView({ block: "nearest" });
  };
  const keys = {
    j: () => go(at + 1),
    k: () => go(at - 1),
    x: () => rows[at]?.querySelector("input[type=checkbox]")?.click(),
    n: () => rows[at]?.querySelector("[data-key-n]")?.click(),
    "/": () => document.querySelector("input[type=search]")?.focus(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input:not([type=checkbox]), select, textarea, [contenteditable]")) return;
    if (event.key === "Enter") {
      if (event.target === rows[at]) rows[at].querySelector("a[href]")?.click();
      return;
    }
    const act = keys[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  });
  table.addEventListener("focusin", (event) => {
    const row = rows.indexOf(event.target.closest("tr"));
    if (row >= 0) at = row;
  });
}
// The box above the list that chooses the whole page, and the count beside it.
for (const all of document.querySelectorAll("input[data-all]")) {
  const boxes = [...document.querySelectorAll(`input[type=checkbox][name="${all.dataset.all}"]`)];
  const count = document.querySelector("[data-chosen]");
  const show = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    if (count) count.textContent = chosen;
    all.checked = chosen > 0 && chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  };
  all.addEventListener("change", () => { for (const box of boxes) box.checked = all.checked; show(); });
  for (const box of boxes) box.addEventListener("change", show);
  show();
}
