// Saving as one types. What is not yet saved lies in the browser's storage under this return's name, so that a lost connection,
// a reload, a closed tab or an ended session costs nothing; it is sent again until the server has it.
//
// A pending change keeps `base`, the text the server had when the change was made. When the server has moved on meanwhile (409, or a
// newer page), a change whose cell the server still has at `base`, or already has at our own text, goes on quietly; the others are
// conflicts that a person decides.

import { parse, compare } from "./decimal.js";

export const KINDS = ["cells", "notes", "explanations"];
const DELAY = 800;
const BACKOFF = [1000, 2000, 4000, 8000, 15000, 30000];
const empty = () => ({ cells: {}, notes: {}, explanations: {} });

/** Sorts pending entries against what the server has: {keep, done, conflicts: [{kind, code, mine, theirs, base}]}. `theirs(kind, code)` gives text, or undefined when unknown. */
export function settle(pending, theirs) {
  const keep = empty();
  const conflicts = [];
  for (const kind of KINDS) {
    for (const [code, change] of Object.entries(pending[kind] || {})) {
      const server = theirs(kind, code);
      if (server !== undefined && same(server, change.to)) continue;
      keep[kind][code] = server === undefined ? change : { to: change.to, base: server };
      if (server !== undefined && !same(server, change.base)) conflicts.push({ kind, code, mine: change.to, theirs: server, base: change.base });
    }
  }
  return { keep, conflicts };
}

export class Autosave {
  /**
   * `name`: the return and the person; `tab`: this tab's own mark (two tabs of one return keep separate queues).
   * `send(body)` → {status, body} (status 0: no connection; 401: session ended); `hear(event, detail)` is told of
   * "state", "saved", "conflicts", "refused". `hold(text, code)`: this figure is not to be sent as it stands. `storage`, `later(fn, ms)` → cancel are given, so that tests have their own.
   */
  constructor({ name, tab, revision, storage, send, hear, later, hold = () => false }) {
    Object.assign(this, { name, tab, revision, storage, send, hear, later, hold });
    this.pending = empty();
    this.refused = new Map();
    this.state = "clean";
    this.tries = 0;
    this.sending = null;
    this.cancel = null;
    this.paused = false;
  }

  get key() { return `${this.name}|${this.tab}`; }
  get count() { return KINDS.reduce((n, kind) => n + Object.keys(this.pending[kind]).length, 0); }
  get clean() { return this.count === 0; }

  /** Takes over what earlier tabs left: returns {changes: pending entries to show, conflicts}. `theirs` as for `settle`. */
  recover(theirs) {
    const found = empty();
    const keys = Array.from({ length: this.storage.length }, (_, i) => this.storage.key(i)).filter((k) => k.startsWith(`${this.name}|`));
    const queues = keys.map((k) => this.read(k)).filter(Boolean).sort((a, b) => a.at - b.at);
    for (const queue of queues) for (const kind of KINDS) Object.assign(found[kind], queue[kind]);
    const { keep, conflicts } = settle(found, theirs);
    this.pending = keep;
    this.write();
    for (const k of keys) if (k !== this.key) this.storage.removeItem(k);
    if (!this.clean) { this.move("waiting"); if (!conflicts.length) this.schedule(0); else this.paused = true; }
    return { changes: keep, conflicts };
  }

  // Neither refused by the server nor held back here.
  goes(kind, code) { return kind !== "cells" || !(this.refused.has(code) || this.hold(this.pending.cells[code].to, code)); }

  read(key) {
    try { return JSON.parse(this.storage.getItem(key)); } catch { return null; }
  }

  write() {
    try {
      if (this.clean) this.storage.removeItem(this.key);
      else this.storage.setItem(this.key, JSON.stringify({ revision: this.revision, at: Date.now(), ...this.pending }));
      this.stored = true;
    } catch { this.stored = false; }
  }

  /** A person changed something: `kind` of KINDS, [{code, from, to}]. */
  change(kind, changes) {
    for (const { code, from, to } of changes) {
      this.pending[kind][code] = { to, base: this.pending[kind][code]?.base ?? from };
      if (kind === "cells") this.refused.delete(code);
    }
    if (!changes.length) return;
    this.write();
    if (!["offline", "session", "busy"].includes(this.state)) this.move("waiting");
    this.schedule(this.tries ? BACKOFF[0] : DELAY);
  }

  schedule(ms) {
    if (this.cancel) this.cancel();
    this.cancel = this.later(() => { this.cancel = null; this.flush(); }, ms);
  }

  /** The connection or the session came back: try now. */
  wake() { this.tries = 0; if (!this.clean) this.schedule(0); }

  /** Sends everything pending now; true when all of it was saved. */
  async flush() {
    if (this.cancel) { this.cancel(); this.cancel = null; }
    if (this.sending) await this.sending;
    if (this.paused) return false;
    this.sending = this.round();
    try { await this.sending; } finally { this.sending = null; }
    return this.clean;
  }

  async round() {
    const batch = empty();
    for (const kind of KINDS) for (const [code, change] of Object.entries(this.pending[kind])) if (this.goes(kind, code)) batch[kind][code] = change.to;
    if (KINDS.every((kind) => !Object.keys(batch[kind]).length)) { this.move(this.clean ? "clean" : "refused"); return; }
    this.move("sending");
    const answer = await this.send({ revision: this.revision, ...batch });
    if (answer.status === 200) this.accepted(batch, answer.body);
    else if (answer.status === 409 && answer.body?.cells) this.overtaken(answer.body);
    else if (answer.status === 422 && answer.body?.faults) this.rejected(batch, answer.body);
    else this.failed(answer);
  }

  accepted(batch, body) {
    this.tries = 0;
    this.revision = body.revision;
    for (const kind of KINDS) {
      for (const [code, to] of Object.entries(batch[kind])) {
        const change = this.pending[kind][code];
        if (!change) continue;
        if (change.to === to) delete this.pending[kind][code]; else change.base = to;
      }
    }
    this.write();
    this.hear("saved", body);
    if (KINDS.some((kind) => Object.keys(this.pending[kind]).some((code) => this.goes(kind, code)))) { this.move("waiting"); this.schedule(DELAY); }
    else this.move(this.clean ? "clean" : "refused");
  }

  overtaken(body) {
    this.revision = body.revision;
    // The answer has only the cells that matter, but all notes and explanations.
    const given = (kind, code) => (body[kind] && code in body[kind] ? said(body[kind][code]) : kind === "cells" || !body[kind] ? undefined : "");
    const { keep, conflicts } = settle(this.pending, given);
    this.pending = keep;
    this.write();
    this.paused = conflicts.length > 0;
    this.hear("conflicts", { conflicts, body });
    if (this.paused) this.move("conflict");
    else { this.move("waiting"); this.schedule(0); }
  }

  /** A person chose for each conflict: theirs = [{kind, code}] are given up, the rest is sent. */
  decide(theirs) {
    for (const { kind, code } of theirs) delete this.pending[kind][code];
    this.paused = false;
    this.write();
    this.move(this.clean ? "clean" : "waiting");
    if (!this.clean) this.schedule(0);
  }

  // Some figures were refused; everything else of the batch was saved.
  rejected(batch, body) {
    for (const code of Object.keys(body.faults).filter((c) => c in batch.cells)) {
      if (this.pending.cells[code]?.to === batch.cells[code]) this.refused.set(code, body.faults[code]);
      delete batch.cells[code];
    }
    this.accepted(batch, body);
    this.hear("refused", body);
  }

  failed({ status, body }) {
    const state = status === 0 ? "offline" : status === 401 ? "session" : status === 403 || status === 404 || status === 409 || status === 422 ? "closed" : "busy";
    this.move(state, body);
    if (state === "closed") return;
    this.schedule(BACKOFF[Math.min(this.tries, BACKOFF.length - 1)]);
    this.tries += 1;
  }

  move(state, body) { this.state = state; this.hear("state", { state, count: this.count, body }); }
}

// "12" and "12.0" are one figure, however either side writes it.
function same(a, b) {
  const [x, y] = [parse(a), parse(b)];
  return a === b || (x !== null && y !== null && compare(x, y) === 0);
}

const said = (value) => {
  const bare = value !== null && typeof value === "object" ? value.value : value;
  return bare === null || bare === undefined ? "" : String(bare);
};
