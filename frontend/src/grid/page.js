// The page around the sheet follows what was saved: its steps, and what a correction changes, come anew from the server.

const QUIET = 1500;
let timer = null;

/** After a save: the parts marked data-live are fetched again when the return's state is another one, or where a correction shows its effects. */
export function followed(body, given) {
  const moved = body.state !== undefined && body.state !== given.state;
  if (!moved && !(given.version > 1)) return;
  given.state = body.state;
  clearTimeout(timer);
  timer = setTimeout(renew, moved ? 0 : QUIET);
}

async function renew() {
  try {
    const answer = await fetch(location.href, { redirect: "manual", credentials: "same-origin" });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of document.querySelectorAll("[data-live]")) {
      const fresh = page.querySelector(`[data-live="${part.dataset.live}"]`);
      if (fresh && !part.contains(document.activeElement)) part.replaceWith(fresh);
    }
  } catch { /* without a connection the old parts stay; the server checks every step anyway */ }
}
