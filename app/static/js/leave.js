// [data-leave]: leave at once for a harmless page that takes the place of this one, so that the button Back does not lead here.
for (const link of document.querySelectorAll("a[data-leave]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    document.documentElement.hidden = true; // before the other page answers, and in whatever the browser kept of this one
    for (const form of document.forms) form.reset();
    location.replace(link.href);
  });
}
// Nor do codes or reasons that were typed stay in the browser's history to be sent once more: Back and Reload ask for the page anew.
history.replaceState(null, "", location.href);
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
