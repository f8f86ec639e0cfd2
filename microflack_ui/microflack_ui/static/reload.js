// Loads the page again when one of its files was not there.
//
// While two versions of the page are served side by side, as during an upgrade, a request
// for a file of one version may come to an instance of the other, which does not have it.
// So this asks until each file was found: the browser keeps them, and the next time the
// page is whole. It stands within the page: whatever is missing, this runs.

const MAX_TRIES = 20;
const PAUSE_MS = 100;
// After one the page is whole; after two it is in both versions.
const MAX_RELOADS = 3;

let isMissing = false;

// The errors of elements do not bubble.
addEventListener("error", ({ target }) => (isMissing ||= isFile(target)), true);

addEventListener("load", () => {
  // It is kept when the page is loaded again, and forgotten when the tab is closed.
  const reloads = history.state?.reloads ?? 0;
  history.replaceState(null, "");
  if (isMissing && reloads < MAX_RELOADS) reloadAs(reloads + 1);
  else if (isMissing)
    document.body.textContent = "The page could not be loaded. Try again later.";
});

async function reloadAs(reloads) {
  await Promise.all(fileUrls().map(fetchUntilFound));
  history.replaceState({ reloads }, "");
  location.reload();
}

function isFile({ tagName }) {
  return tagName === "LINK" || tagName === "SCRIPT";
}

function fileUrls() {
  const elements = document.querySelectorAll("head [href], head [src]");
  return [...elements].map((element) => element.href ?? element.src);
}

async function fetchUntilFound(url) {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const response = await fetch(url).catch(() => null);
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
