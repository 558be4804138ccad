// One POST of what changed. An ended session answers with a way to the login page; a stale token is fetched anew once.

const TIMEOUT = 20000;
let token = null;

const fromPage = (root) => JSON.parse(root.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"] || "";

async function once(url, body) {
  token ??= fromPage(document);
  const control = new AbortController();
  const timer = setTimeout(() => control.abort(), TIMEOUT);
  try {
    const answer = await fetch(url, {
      method: "POST", redirect: "manual", credentials: "same-origin", signal: control.signal,
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token }, body: JSON.stringify(body),
    });
    if (answer.type === "opaqueredirect") return { status: 401 };
    return { status: answer.status, body: await answer.json().catch(() => null) };
  } catch {
    return { status: 0 };
  } finally {
    clearTimeout(timer);
  }
}

async function freshToken() {
  try {
    const answer = await fetch(location.href, { redirect: "manual", credentials: "same-origin" });
    if (answer.type === "opaqueredirect") return 401;
    if (!answer.ok) return answer.status;
    token = fromPage(new DOMParser().parseFromString(await answer.text(), "text/html"));
    return 200;
  } catch {
    return 0;
  }
}

/** {status, body}: 0 without a connection, 401 when the session has ended, otherwise what the server says. */
export async function post(url, body) {
  const answer = await once(url, body);
  if (answer.status !== 403) return answer;
  const status = await freshToken();
  return status === 200 ? once(url, body) : { status };
}
