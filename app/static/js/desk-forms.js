// The forms of the desk: what a press says as a fact, what is typed as a draft that comes back after the tab was closed.
const NUMBERS = new Set(["people", "agree", "disagree", "present"]);
const TAPS = 800; // milliseconds: a second tap of one press; the button may mean the next thing by then

/** Take over the forms in *root*. `write(event)` keeps a fact, `show()` draws, */
export function forms(root, store, { write, show }) {
  const asking = root.querySelector('form[data-event="asked"]');
  const lastPress = new WeakMap();
  const busy = new WeakSet();
  const timers = new Map();
  let speaker = null, chosen = false; // null: not looked at yet; "": nobody from the queue

  const typed = (form) => [...form.elements].filter((field) => field.name && !["hidden", "submit"].includes(field.type));
  const values = (form) => Object.fromEntries(typed(form).map((field) => [field.name, field.value]));
  const subjectOf = (form) => ("fresh" in form.dataset ? (form === asking && speaker) || "new" : form.elements.subject.value);
  const draftOf = (form, subject = subjectOf(form)) => `draft:${form.dataset.event}:${form.dataset.form ?? ""}:${subject}`;
  const hall = () => root.querySelector("[data-own-hall]")?.value ?? "";

  const set = (form, given) => {
    for (const [name, value] of Object.entries(given)) {
      const field = form.elements.namedItem(name);
      if (field && "value" in field && field.value !== String(value ?? "")) field.value = value ?? "";
    }
  };
  /** Fill a form, unless somebody types in it; what was typed there before goes over what stands. */
  const dress = (form, subject, base, given = {}) => {
    if (form.dataset.typed === subject) return;
    const draft = store.rows.get(draftOf(form, subject));
    form.elements.subject.value = subject;
    form.elements.base.value = (draft?.base ?? base).join(" ");
    set(form, { ...given, ...draft?.values });
    if (draft) {
      form.dataset.typed = subject;
      for (let fold = form.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    }
  };
  const blank = (form, given = {}) => {
    const draft = store.rows.get(draftOf(form));
    const empty = Object.fromEntries(typed(form).map((field) => [field.name, field.name === "people" ? "1" : field.options?.[0].value ?? ""]));
    set(form, { ...empty, hall: hall(), ...given, ...draft?.values });
    const note = form.querySelector("[data-draft]");
    if (note) note.hidden = !draft;
    form.querySelector("[data-fault]").hidden = true;
  };

  const save = (form) => {
    const key = draftOf(form);
    clearTimeout(timers.get(key));
    timers.delete(key);
    const given = values(form);
    const base = form.elements.base.value.split(" ").filter(Boolean);
    store.put(key, { values: given, base, at: Date.now() }).catch(() => {});
  };
  root.addEventListener("input", ({ target: { form } }) => {
    if (!form?.dataset.event) return;
    form.dataset.typed = subjectOf(form);
    const key = draftOf(form);
    clearTimeout(timers.get(key));
    timers.set(key, setTimeout(save, 300, form));
  });
  const saveAll = () => { for (const form of root.querySelectorAll("form[data-typed]")) if (timers.has(draftOf(form))) save(form); };
  addEventListener("pagehide", saveAll);
  document.addEventListener("visibilitychange", saveAll);

  // Who asks: the speaker called last, or whom the secretary chose; never changed under somebody's typing.
  const change = (uid, who) => {
    if (asking.dataset.typed !== undefined && timers.has(draftOf(asking))) save(asking);
    delete asking.dataset.typed;
    speaker = uid;
    blank(asking, who && { name: who.name, comes_from: who.comes_from, hall: who.hall || hall() });
    root.querySelector("[data-other]").hidden = !uid;
  };
  let seen = null;
  const floor = (state) => {
    seen = state;
    const speakers = state.queue.filter((each) => each.origin === "speaker");
    if (speaker && !speakers.some((each) => each.uid === speaker)) chosen = false;
    if (asking.dataset.typed !== undefined || chosen) return;
    const called = speakers.filter((each) => each.called_at).sort((a, b) => Date.parse(a.called_at) - Date.parse(b.called_at)).at(-1);
    if ((called?.uid ?? "") !== speaker) change(called?.uid ?? "", called);
  };
  const choose = (uid) => {
    chosen = true;
    change(uid, seen?.queue.find((each) => each.uid === uid));
    asking.elements.text.focus();
    asking.scrollIntoView({ block: "nearest" });
  };

  const fact = (form, submitter) => {
    const all = Object.fromEntries(new FormData(form));
    if (submitter?.name) all[submitter.name] = submitter.value;
    const { csrf_token, kind, uid, subject, base, answer_kind, ...facts } = all;
    for (const name of Object.keys(facts)) {
      facts[name] = facts[name].trim();
      if (NUMBERS.has(name)) facts[name] = facts[name] === "" ? null : /^\d+$/.test(facts[name]) ? Number(facts[name]) : facts[name];
    }
    if (kind === "rejected") facts.taken_back = facts.taken_back === "1";
    if (answer_kind) Object.assign(facts, { by: "", text: "", ...facts, kind: answer_kind });
    const fresh = "fresh" in form.dataset;
    return { kind, subject: fresh ? (form === asking && speaker) || crypto.randomUUID() : subject, base: base.split(" ").filter(Boolean), facts };
  };
  const lacks = (form) => ["queued", "came"].includes(form.dataset.event)
    ? !form.elements.name.value.trim() && !form.elements.comes_from.value.trim() && form.elements.name
    : typed(form).find((field) => field.required && !field.value.trim());

  const press = async (form, submitter) => {
    const missing = lacks(form);
    const fault = form.querySelector("[data-fault]");
    if (fault) fault.hidden = !missing;
    if (missing) return missing.focus();
    const event = fact(form, submitter);
    const key = draftOf(form);
    try { await write(event); } catch { // nothing can be kept here: it goes to the server as it is
      form.dataset.plain = "";
      return form.requestSubmit(submitter);
    }
    clearTimeout(timers.get(key));
    timers.delete(key);
    await store.drop([key]).catch(() => {});
    delete form.dataset.typed;
    if (form === asking) [chosen, speaker] = [false, null];
    if ("fresh" in form.dataset) blank(form);
    show();
    after(event, form);
  };
  // Where the hands go next.
  const after = ({ kind, subject }, form) => {
    const row = root.querySelector(`.asks > [data-uid="${CSS.escape(subject)}"]`);
    if (kind === "called") {
      if (seen?.queue.some((each) => each.uid === subject)) choose(subject);
      else row?.querySelector("summary").focus();
    } else if (kind === "answered" && form.dataset.form === "tap") {
      const words = row.querySelector("[data-words]");
      (words.open ? words.querySelector(row.querySelector("select").value === "by_delegate" ? "[name=by]" : "textarea") : row.querySelector("summary")).focus();
    } else if ("fresh" in form.dataset) form.querySelector("[data-first]").focus();
    else if (!form.isConnected || form.offsetParent === null) row?.querySelector("summary").focus();
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!root.contains(form) || !form.dataset.event || "plain" in form.dataset) return;
    event.preventDefault();
    const again = event.timeStamp - (lastPress.get(form) ?? -TAPS) < TAPS;
    if (busy.has(form) || (again && (form.dataset.event.startsWith("item") || lacks(form)))) return;
    lastPress.set(form, event.timeStamp);
    busy.add(form);
    press(form, event.submitter).finally(() => busy.delete(form));
  }, true); // before submit-once.js, which would block the second fact of a form
  root.addEventListener("click", (event) => {
    const write = event.target.closest("[data-write]");
    if (!write && !event.target.closest("[data-other]")) return;
    event.preventDefault();
    choose(write ? write.closest("[data-uid]").dataset.uid : "");
  });

  for (const form of root.querySelectorAll("form[data-fresh]")) if (form !== asking) blank(form);
  return { dress, floor, speaker: () => speaker };
}
