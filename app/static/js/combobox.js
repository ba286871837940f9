// select[data-combobox] becomes a box to type in, matching with or without diacritics ("viet yen" finds Việt Yên).
// The select stays the field that is sent. ARIA: combobox with a listbox popup, list autocomplete.
// Words: data-none (nothing matches), data-many ("{n} …"), data-placeholder (else the empty option's).
// Without this script the select works as it is.
const MOST = 60;
// Among names that match equally well one marked data-near comes first, then a People's Committee comes before its parts.
const COMMITTEE = /^uy ban nhan dan /;
// What everybody writes for the long names: either finds the other.
const LONG = { ubnd: "uy ban nhan dan", hdnd: "hoi dong nhan dan", mttq: "mat tran to quoc" };
const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[đĐ]/g, "d").toLowerCase().trim()
  .replace(/\b(ubnd|hdnd|mttq)\b/g, (short) => LONG[short]);

const plain = (text) => fold(text).replace(/[^0-9a-z]+/g, " ").trim();

// How well a name fits what was typed, 0 best: the words in order at its beginning, then anywhere, whole words before a last one
// that is still being typed; then out of order, each a whole word, or the beginning of one; then the rest.
const rank = (name, words) => {
  const typed = ` ${plain(words.join(" "))}`, text = ` ${name} `;
  const fits = [text.startsWith(`${typed} `), text.startsWith(typed), text.includes(`${typed} `), text.includes(typed),
    words.every((word) => text.includes(` ${plain(word)} `)), words.every((word) => text.includes(` ${plain(word)}`)), true];
  return fits.indexOf(true);
};

for (const select of document.querySelectorAll("select[data-combobox]")) {
  const make = (tag, values) => Object.assign(document.createElement(tag), values);
  const options = [...select.options].filter((option) => option.value)
    .map((option) => ({ option, text: option.text, group: option.parentElement.label ?? "", folded: fold(`${option.parentElement.label ?? ""} ${option.text}`) }));
  const box = make("div", { className: "combo" });
  const input = make("input", { type: "text", id: select.id, autocomplete: "off", spellcheck: false, placeholder: select.options[0]?.value ? "" : select.dataset.placeholder ?? select.options[0]?.text ?? "" });
  const list = make("ul", { id: `${select.id}-list`, hidden: true });
  const status = make("p", { className: "sr" });
  for (const [name, value] of Object.entries({ role: "combobox", "aria-expanded": "false", "aria-controls": list.id, "aria-autocomplete": "list" })) input.setAttribute(name, value);
  for (const name of ["aria-describedby", "aria-invalid", "aria-required"]) if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", select.labels[0]?.textContent.trim() ?? "");
  status.setAttribute("aria-live", "polite");
  select.id += "-select";
  select.hidden = true;
  select.tabIndex = -1;
  select.before(box);
  box.append(input, list, status);

  let shown = [], at = -1;
  const said = () => (select.value ? select.selectedOptions[0].text : "");
  const close = () => { list.hidden = true; at = -1; input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); };
  const choose = (option) => {
    select.value = option ? option.value : "";
    input.value = said();
    close();
    select.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const mark = (to) => {
    at = shown.length ? (to + shown.length) % shown.length : -1;
    [...list.children].forEach((item, i) => item.setAttribute("aria-selected", i === at));
    if (at < 0) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", list.children[at].id);
    list.children[at].scrollIntoView({ block: "nearest" });
  };
  const far = ({ o }) => !("near" in o.option.dataset);
  const open = (text) => {
    const words = fold(text).split(/\s+/).filter(Boolean);
    const found = options.filter((o) => words.every((word) => o.folded.includes(word)))
      .map((o) => ({ o, rank: rank(plain(o.text), words) }));
    // Nothing typed: the order of the page.
    if (words.length) found.sort((a, b) => a.rank - b.rank || far(a) - far(b) || COMMITTEE.test(plain(b.o.text)) - COMMITTEE.test(plain(a.o.text)) || a.o.text.length - b.o.text.length);
    shown = found.slice(0, MOST).map((each) => each.o);
    list.replaceChildren(...shown.map((o, i) => {
      const item = make("li", { id: `${list.id}-${i}`, textContent: o.text });
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      if (o.group) item.append(" ", make("small", { textContent: o.group }));
      item.addEventListener("mousedown", (event) => { event.preventDefault(); choose(o.option); });
      return item;
    }));
    status.textContent = found.length ? select.dataset.many.replace("{n}", found.length) : select.dataset.none;
    status.className = found.length ? "sr" : "hint";
    list.hidden = !shown.length;
    at = -1;
    input.setAttribute("aria-expanded", String(!list.hidden));
    input.removeAttribute("aria-activedescendant");
  };
  // The option that what was typed stands for, null when nothing was typed, undefined when nobody can say.
  const meant = () => {
    const typed = fold(input.value);
    if (!typed) return null;
    const exact = options.filter((o) => fold(o.text) === typed);
    if (exact.length === 1) return exact[0].option;
    if (!list.hidden && (at >= 0 || shown.length === 1)) return shown[Math.max(at, 0)].option;
  };
  input.value = said();
  input.addEventListener("input", (event) => { event.stopPropagation(); open(input.value); });
  input.addEventListener("click", () => (list.hidden ? open(input.value === said() ? "" : input.value) : close()));
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) open(input.value === said() ? "" : input.value);
      mark(event.key === "ArrowDown" ? at + 1 : at < 0 ? -1 : at - 1);
    } else if (event.key === "Enter" && !list.hidden && at >= 0) { event.preventDefault(); choose(shown[at].option); }
    else if (event.key === "Enter" && input.value !== said()) { // half a name never sends the form
      event.preventDefault();
      const option = meant();
      if (option !== undefined) choose(option);
    } else if (event.key === "Escape" && !list.hidden) { event.preventDefault(); input.value = said(); close(); }
  });
  input.addEventListener("blur", () => {
    const option = meant();
    if (option !== undefined) choose(option);
    else input.value = said(); // never a name in the box that is not what will be sent
    close();
    if (input.value) { status.textContent = ""; status.className = "sr"; }
  });
  // Somebody else set the select: a restored draft, a reset form.
  select.addEventListener("change", () => { input.value = said(); });
}
