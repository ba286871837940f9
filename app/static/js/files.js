// input[type=file][data-files]: our own button instead of one in the browser's language; files picked one by one add up
// (a phone's camera gives one at a time), each with its size and a way to take it out again; too large ones say so at once.
// data-max is bytes a file, data-max-media of a film or voice, data-total of all, data-most the number of files; the words come as data-drop, data-large and data-many.
const size = (bytes) => {
  const [n, unit] = bytes < 1048576 ? [Math.max(1, bytes / 1024), "KB"] : [bytes / 1048576, "MB"];
  return `${new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: unit === "MB" ? 1 : 0 }).format(n)}\u00a0${unit}`;
};
for (const input of document.querySelectorAll("input[type=file][data-files]")) {
  const { max, maxMedia, total, most, drop, large, many } = input.dataset;
  const label = document.querySelector(`label[for="${input.id}"]`);
  const list = Object.assign(document.createElement("ul"), { className: "files" });
  list.setAttribute("aria-live", "polite");
  let held = [];
  const line = (text, className) => Object.assign(document.createElement("span"), { textContent: text, className: className ?? "" });
  const show = () => {
    const kept = new DataTransfer();
    for (const file of held) kept.items.add(file);
    input.files = kept.files;
    list.replaceChildren(...held.map((file) => {
      const item = document.createElement("li");
      const button = Object.assign(document.createElement("button"), { type: "button", className: "link", textContent: drop });
      button.append(Object.assign(line(` ${file.name}`), { className: "sr" }));
      button.addEventListener("click", () => { held = held.filter((other) => other !== file); show(); input.focus(); });
      item.append(line(file.name), line(size(file.size), "dim"));
      const limit = maxMedia && /^(video|audio)\//.test(file.type) ? maxMedia : max;
      if (limit && file.size > Number(limit)) item.append(line(large, "bad"));
      item.append(button);
      return item;
    }));
    const bytes = held.reduce((sum, file) => sum + file.size, 0);
    if ((most && held.length > Number(most)) || (total && bytes > Number(total))) list.append(Object.assign(document.createElement("li"), { className: "bad", textContent: many }));
  };
  label.classList.add("btn", "btn-3", "pick");
  const optional = label.querySelector(".opt");
  if (optional) label.after(" ", optional);
  input.closest(".drop")?.replaceWith(list);
  label.append(input); // inside its label, so that the label shows the focus
  input.classList.add("sr");
  input.addEventListener("change", () => {
    const added = [...input.files].filter((file) => !held.some((h) => h.name === file.name && h.size === file.size));
    held = input.multiple ? [...held, ...added] : [...input.files];
    show();
  });
}
