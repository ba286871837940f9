// What the session looks like with the facts on top that the server does not have yet. The server folds all devices' facts
// (dialogues/live.py); this is the same for the few of this device, until its answer comes.
const find = (rows, uid) => rows.find((row) => row.uid === uid);

// A register: what the fact has seen standing gives way, what it has not seen stands beside it, in conflict.
const write = (row, base, event, heads) => {
  const unseen = row[base].filter((uid) => !event.base.includes(uid));
  row[base] = [...unseen, event.uid];
  return unseen.length ? [...heads.filter((head) => unseen.includes(head.uid)), { uid: event.uid, at: event.at, who: "", value: event.facts }] : [];
};

const kinds = {
  item_begun({ agenda }, { subject, at }) {
    const item = find(agenda, subject);
    if (!item || (item.begun_at && !item.ended_at)) return;
    for (const each of agenda) if (each.begun_at && !each.ended_at) each.ended_at = at;
    Object.assign(item, { begun_at: item.begun_at ?? at, ended_at: null });
  },
  item_ended({ agenda }, { subject, at }) {
    const item = find(agenda, subject);
    if (item?.begun_at) item.ended_at ??= at;
  },
  queued({ queue, questions }, { subject, facts }) {
    if (find(queue, subject) || find(questions, subject)) return;
    queue.push({ uid: subject, origin: "speaker", text: "", called_at: null, waits: true, ...facts });
  },
  called({ queue, questions }, { subject, at }) {
    const [waiting, question] = [find(queue, subject), find(questions, subject)];
    if (waiting) waiting.called_at = at;
    if (question) question.called_at = at;
    if (question && question.origin !== "floor") { // it is put now: behind what was put before
      question.asked_at = at;
      questions.push(...questions.splice(questions.indexOf(question), 1));
    }
    if (waiting?.origin === "question") queue.splice(queue.indexOf(waiting), 1);
  },
  asked({ queue, questions }, { uid, subject, at, facts }) {
    const waiting = find(queue, subject);
    if (waiting) queue.splice(queue.indexOf(waiting), 1);
    if (find(questions, subject)) return;
    questions.push({ uid: subject, origin: "floor", asker: facts.name, comes_from: facts.comes_from, hall: facts.hall, text: facts.text,
      text_base: [uid], answer: null, answer_base: [], rejected: false, wants: "", rejected_base: [], called_at: waiting?.called_at ?? null,
      asked_at: at, conflicts: { text: [], answer: [], rejected: [] }, waits: true });
  },
  text_changed({ questions }, event) {
    const row = find(questions, event.subject);
    if (!row) return;
    row.conflicts.text = write(row, "text_base", { ...event, facts: event.facts.value }, row.conflicts.text);
    Object.assign(row, { text: event.facts.value, waits: true });
  },
  answered({ questions }, event) {
    const row = find(questions, event.subject);
    if (!row) return;
    row.conflicts.answer = write(row, "answer_base", event, row.conflicts.answer);
    Object.assign(row, { answer: event.facts, waits: true });
  },
  rejected({ questions }, event) {
    const row = find(questions, event.subject);
    if (!row) return;
    row.conflicts.rejected = write(row, "rejected_base", event, row.conflicts.rejected);
    Object.assign(row, { rejected: !event.facts.taken_back, wants: event.facts.wants, waits: true });
  },
  came(state, { facts }) { state.present += facts.people || 1; },
  counted({ halls }, event) {
    const hall = find(halls, event.subject);
    if (!hall) return;
    hall.other = write(hall, "base", { ...event, facts: event.facts.people }, hall.other);
    hall.counted = event.facts.people;
  },
  hands({ hands }, { subject, facts }) { if (!find(hands, subject)) hands.push({ uid: subject, ...facts, waits: true }); },
  withdrawn(state, { subject, facts }) {
    const drop = (name) => { state[name] = state[name].filter((row) => row.uid !== subject); };
    drop("queue");
    if (facts.of !== "speaker") { drop("questions"); drop("hands"); }
  },
};

/** Return the state with *events*, oldest first, on top of it; what was given stays as it is. */
export function fold(state, events) {
  const seen = structuredClone(state);
  for (const event of events) kinds[event.kind]?.(seen, event);
  return seen;
}
