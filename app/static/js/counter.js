// Remaining characters under a textarea[data-counter="id of the line"]; the line carries data-max and the two sentences,
// where {n} stands for the number. Screen readers hear it only near the end.
const number = new Intl.NumberFormat(document.documentElement.lang);
for (const area of document.querySelectorAll("textarea[data-counter]")) {
  const line = document.getElementById(area.dataset.counter);
  if (!line) continue;
  const max = Number(line.dataset.max);
  const spoken = document.createElement("span");
  spoken.className = "sr";
  spoken.setAttribute("aria-live", "polite");
  line.after(spoken);
  let timer;
  const show = () => {
    const left = max - [...area.value].length;
    const text = (left < 0 ? line.dataset.over : line.dataset.left).replace("{n}", number.format(Math.abs(left)));
    line.textContent = text;
    line.classList.toggle("count-bad", left < 0);
    clearTimeout(timer);
    if (left < max / 10) timer = setTimeout(() => { spoken.textContent = text; }, 1000);
  };
  area.addEventListener("input", show);
  area.addEventListener("change", show);
  if (area.value) show();
}
