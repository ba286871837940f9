// Draws the desk: rows are copies of the page's templates, filled (data-t), shown or hidden (data-if).
import { list, part } from "./desk-list.js";

const later = ["in_writing", "forwarded"];
const hour = new Intl.DateTimeFormat("vi", { timeZone: "Asia/Ho_Chi_Minh", hour: "numeric", minute: "2-digit" });
export const time = (instant) => (instant ? hour.format(new Date(instant)).replace(/^0(?=\d)/, "") : "");
export const say = (text, facts) => text.replace(/\{(\w+)\}/g, (_, name) => facts[name] ?? "");

const put = (element, text) => { if (element.textContent !== text) element.textContent = text; };
export const fill = (row, values) => {
  for (const each of row.querySelectorAll("[data-t]")) if (each.dataset.t in values) put(each, String(values[each.dataset.t] ?? ""));
  for (const each of row.querySelectorAll("[data-if]")) if (each.dataset.if in values) each.hidden = !values[each.dataset.if];
};

const goesOn = (state) => ["ready", "in_session"].includes(state.status);
const running = (state) => state.agenda.find((item) => goesOn(state) && item.begun_at && !item.ended_at);

/** Draw *state* into *root*; `opened`: what was written down just now, `floor`: who speaks, `kept(uid)`: somebody has typed there. */
export function draw(root, state, { dress, opened, floor, kept }) {
  const words = root.dataset;
  const answers = JSON.parse(words.answers);
  const halls = new Map(state.halls.map((hall) => [hall.uid, hall.name]));
  const hall = (uid) => (halls.size > 1 ? halls.get(uid) ?? "" : "");
  const box = (name, within = root) => within.querySelector(`[data-rows="${name}"]`);
  const forms = (row, uid, bases, values = () => ({})) => {
    for (const form of row.querySelectorAll("form[data-event]")) if (form.dataset.form !== "keep") dress(form, uid, bases[form.dataset.event] ?? [], values(form));
  };
  const count = (name, rows) => {
    put(root.querySelector(`[data-count="${name}"]`), String(rows));
    const none = root.querySelector(`[data-none="${name}"]`);
    if (none) none.hidden = rows > 0;
  };

  const sides = (row, question, part, event) => {
    const heads = question.conflicts[part];
    fill(row, { [`${part}_conflict`]: heads.length > 1 });
    list(box(`${part}_heads`, row), heads.length > 1 ? heads : [], (side, { at, who, value }) => {
      const said = typeof value === "string" ? { value } : value;
      fill(side, { said_at: time(at), said_by: who, said: said.value ?? said.text ?? said.wants, said_kind: answers[said.kind], said_answerer: said.by,
        taken_back: said.taken_back, stands: !said.taken_back });
      dress(side.querySelector("form"), question.uid, question[`${event}_base`],
        { ...said, part, answer_kind: said.kind, taken_back: said.taken_back ? "1" : "" });
    });
  };
  const question = (row, each, fresh) => {
    const { answer } = each;
    fill(row, { ...each, nameless: !each.asker, asked_at: time(each.asked_at), hall: hall(each.hall), unanswered: !answer, answer, answer_kind: answers[answer?.kind],
      by: answer?.by, answer_text: answer?.text, waits: each.waits, floor: each.origin === "floor" });
    forms(row, each.uid, { answered: each.answer_base, rejected: each.rejected_base, text_changed: each.text_base },
      (form) => ({ words: { answer_kind: answer?.kind, by: answer?.by, text: answer?.text }, rejects: { wants: each.wants }, text: { value: each.text } })[form.dataset.form]);
    for (const part of ["text", "answer", "rejected"]) sides(row, each, part, part);
    if (fresh || each.opened) {
      row.querySelector("details").open = each.opened || each.conflict;
      row.querySelector("[data-words]").open = each.wordless;
    }
  };

  const waiting = new Set(state.queue.map((each) => each.uid));
  const put_ = state.questions.filter((each) => !waiting.has(each.uid)).map((each, place) => {
    const conflict = Object.values(each.conflicts).some((heads) => heads.length > 1);
    const wordless = Boolean(each.answer) && !later.includes(each.answer.kind) && !each.answer.text;
    return { ...each, number: place + 1, conflict, wordless, opened: opened.has(each.uid), settled: each.answer && !wordless && !conflict };
  });
  const [open, done] = [put_.filter((each) => !each.settled), put_.filter((each) => each.settled).reverse()];
  part(box("open"), open, question, (each) => each.conflict || each.opened || kept(each.uid));
  part(box("done"), done, question, (each) => each.opened || kept(each.uid));
  opened.clear();
  part(box("queue"), state.queue.map((each, place) => ({ ...each, number: place + 1, now: each.uid === floor })), (row, each) => {
    const speaker = each.origin === "speaker";
    row.classList.toggle("now", each.now);
    fill(row, { ...each, nameless: !each.name, hall: hall(each.hall), called_at: time(each.called_at), uncalled: !each.called_at, speaker, question: !speaker, waits: each.waits,
      on_floor: speaker && each.called_at });
    forms(row, each.uid, {});
  }, (each) => each.called_at);
  list(box("halls"), state.halls, (row, each) => {
    fill(row, { name: each.name, other: each.other.length > 1, others: each.other.map((head) => head.value).join(", ") });
    forms(row, each.uid, { counted: each.base }, () => ({ people: each.counted ?? "" }));
  });
  list(box("hands"), state.hands, (row, each) => {
    const households = each.counted_in === "households";
    fill(row, { ...each, people: !households, households });
    for (const name of ["present", "disagree"]) row.querySelector(`[data-if="${name}"]`).hidden = each[name] === null || each[name] === "";
    forms(row, each.uid, {});
  });
  list(box("agenda"), state.agenda, (row, { uid, title, minutes, begun_at, ended_at }) => {
    const ran = begun_at ? say(ended_at ? words.between : words.since, { begun: time(begun_at), ended: time(ended_at) }) : "";
    fill(row, { title, minutes, ran, startable: !begun_at || ended_at });
    forms(row, uid, {});
  });
  count("open", open.length);
  count("done", done.length);
  count("queue", state.queue.length);
  count("present", state.present);
  count("counted", state.halls.reduce((sum, each) => sum + Number(each.counted ?? 0), 0));

  const unanswered = put_.some((each) => !each.answer);
  const chosen = state.queue.filter((each) => each.origin === "question");
  for (const each of root.querySelectorAll("[data-ending]")) {
    each.hidden = !(state.ends && (each.dataset.if === "unput" ? !unanswered && chosen.length : unanswered));
  }
  part(box("unput"), chosen, (row, each) => put(row, each.text));
  const closing = root.querySelector("[data-closing]");
  closing.hidden = !state.ends;
  fill(closing, { may_close: state.may_close, unsent: !state.may_close && !unanswered && !chosen.length });

  const [now, next] = [running(state), state.agenda.find((item) => state.status === "in_session" && !item.begun_at)];
  fill(root.querySelector(".run"), { now, next, ended: !goesOn(state), late: state.late, status: JSON.parse(words.statuses)[state.status], may_begin: state.may_begin, ends: state.ends });
  for (const [name, item] of [["now", now], ["next", next]]) {
    const part = root.querySelector(`[data-${name}]`);
    if (!item) continue;
    fill(part, { title: item.title });
    forms(part, item.uid, {});
  }
}

/** Say how long the running item still has at *now*, or by how much it is over. */
export function tick(root, state, now) {
  const line = root.querySelector("[data-timer]");
  const item = running(state);
  line.hidden = !item;
  if (!item) return;
  const over = Math.floor((now - new Date(item.begun_at)) / 1000) - item.minutes * 60;
  const clock = line.querySelector("[data-clock]");
  const [minutes, seconds] = [Math.floor(Math.abs(over) / 60), Math.abs(over) % 60];
  fill(line, { title: item.title });
  put(clock, `${over >= 0 ? "+" : ""}${minutes}:${String(seconds).padStart(2, "0")}`);
  clock.classList.toggle("over", over >= 0);
  put(line.querySelector("[data-plan]"), say(over >= 0 ? root.dataset.over : root.dataset.left, { over: Math.max(1, minutes), plan: item.minutes }));
}
