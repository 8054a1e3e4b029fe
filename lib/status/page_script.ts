/**
 * The script of the page: it looks again every two seconds, and brings what is shown up to date in place.
 *
 * It fetches the page itself, so that there is one rendering and not two. Elements are changed and not replaced: what is
 * open stays open, what has the focus keeps it, and a reader's place is not lost. Without the script the page is
 * complete, and as of when it was asked for.
 *
 * Pure: text.
 * @module
 */

/** The script. Its digest stands in page.ts. */
export const SCRIPT = `
"use strict";
const EVERY = 2000, PATIENCE = 5000;
const own = document.currentScript.textContent;
const link = document.getElementById("link");
let timer, looking = false;

function update(old, next) {
  for (const { name } of [...old.attributes]) {
    if (name !== "open" && !next.hasAttribute(name)) old.removeAttribute(name);
  }
  for (const { name, value } of next.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  let here = old.firstChild;
  for (const child of [...next.childNodes]) {
    const named = child.id ? [...old.children].find((one) => one.id === child.id) : undefined;
    const match = named ?? (here !== null && !here.id && !child.id && here.nodeName === child.nodeName ? here : null);
    if (match === null) {
      old.insertBefore(document.importNode(child, true), here);
      continue;
    }
    if (match === here) here = here.nextSibling;
    else old.insertBefore(match, here);
    if (child.nodeType === Node.ELEMENT_NODE) update(match, child);
    else if (match.data !== child.data) match.data = child.data;
  }
  while (here !== null) {
    const gone = here;
    here = here.nextSibling;
    gone.remove();
  }
}

function say(state, words) {
  document.documentElement.dataset.link = state;
  if (link.textContent !== words) link.textContent = words;
}

// The page as it is now, or why there is none.
async function ask() {
  try {
    const answer = await fetch("./", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
    if (!answer.ok) return " (HTTP status " + answer.status + ")";
    const next = new DOMParser().parseFromString(await answer.text(), "text/html");
    return next.querySelector("main[data-at]") === null ? " (something else does)" : next;
  } catch {
    return "";
  }
}

function show(next) {
  if (typeof next === "string") {
    const since = document.querySelector("main").dataset.at;
    document.title = "No answer \\u2013 confd-sidecar";
    return say("lost", "The sidecar does not answer" + next + ". What you see is as of " + since + ".");
  }
  // Another version of the sidecar has a page of its own.
  if (next.querySelector("script").textContent !== own) return location.reload();
  update(document.querySelector("main"), next.querySelector("main"));
  document.title = next.title;
  say("live", "Live");
}

async function look() {
  if (looking || document.hidden) return;
  looking = true;
  clearTimeout(timer);
  try {
    show(await ask());
  } finally {
    looking = false;
    timer = setTimeout(look, EVERY);
  }
}

document.addEventListener("visibilitychange", look);
timer = setTimeout(look, EVERY);
`;
