// Answers the challenge in a form while the person types; a press that comes sooner waits for it and is sent by itself.
// Where the browser cannot (no HTTPS, no worker), the press waits as long as who has no script waits.
for (const box of document.querySelectorAll("[data-proof]")) {
  const form = box.closest("form");
  const field = box.querySelector("[name=proof]");
  const solve = () => new Promise((done, fail) => {
    const { challenge } = JSON.parse(atob(field.value));
    const worker = new Worker(box.dataset.proof);
    worker.onerror = fail;
    worker.onmessage = ({ data }) => {
      worker.terminate();
      data?.derivedKey ? done({ challenge, solution: data }) : fail();
    };
    worker.postMessage({ type: "work", challenge, counterStart: 0, counterStep: 1 });
  });
  const answered = solve().then(
    (answer) => { field.value = btoa(JSON.stringify(answer)); },
    () => new Promise((done) => { setTimeout(done, 1000 * box.dataset.wait); }),
  );
  let ready = false;
  answered.then(() => { ready = true; });
  form.addEventListener("submit", (event) => {
    if (ready || event.submitter?.hasAttribute("formaction")) return; // what goes elsewhere is not asked
    event.preventDefault();
    box.querySelector("[data-proof-words]").hidden = false;
    answered.then(() => form.requestSubmit(event.submitter));
  });
}
