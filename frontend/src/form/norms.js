// Functions of published norms are computed by the server (/forms/compute), with the code that judges the form when it is sent. A value
// that is not known yet is missing; once it is, the form is walked again.
import * as decimal from "../grid/decimal.js";

const KEPT = 5000;
const PAUSE = 300;
const CALLS = 40;
const known = new Map();
const wanted = new Map(); // of each form: what its last walk asked for
let walking = null;
let reach = null;
let timer = 0;
let failed = false;
let missed = 0;

const plain = (v) => (v !== null && typeof v === "object" ? decimal.text(v) : v);
const value = (v) => (v !== null && typeof v === "object" ? decimal.parse(v.number) : v);

/** What a function gives for values, or null where that is missing or not known yet. */
export function ask(name, values) {
  const call = [name, values.map(plain)];
  const key = JSON.stringify(call);
  if (known.has(key)) return known.get(key);
  missed += 1;
  if (!wanted.has(walking)) wanted.set(walking, new Map());
  wanted.get(walking).set(key, call);
  if (reach && !failed) { clearTimeout(timer); timer = setTimeout(send, PAUSE); }
  return null;
}

/** So many times something was asked that is not known: a value over which it grows waits for the server. */
export const asked = () => missed;
/** Whether the server could not be reached. */
export const unreached = () => failed;

/** The calls that the last walk of each form asked for and nobody has answered yet: [name, arguments as JSON]. */
export const calls = () => [...new Map([...wanted.values()].flatMap((of) => [...of])).values()].slice(0, CALLS);

/** Begin a walk of a form: of what it asked for before, nothing is wanted. After a failure the server is asked again once somebody typed (`typed`). */
export function begin(typed, form = null) { walking = form; wanted.delete(form); failed &&= !typed; }

/** Keep what the server gave: [name, texts] → value as JSON. */
export function keep(call, given) {
  if (known.size >= KEPT) known.clear();
  known.set(JSON.stringify(call), value(given));
}

/** Ask this address; each `arrived` is called when values came or could not. */
export function connect(address, arrived) { reach = { address, arrived: [...(reach?.arrived ?? []), arrived] }; }

async function send() {
  const sent = calls();
  try {
    const answer = await fetch(reach.address, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ calls: sent }), credentials: "omit",
    });
    if (!answer.ok) throw new Error(String(answer.status));
    (await answer.json()).values.forEach((given, n) => keep(sent[n], given));
  } catch {
    failed = true;
  }
  for (const arrived of reach.arrived) arrived();
}
