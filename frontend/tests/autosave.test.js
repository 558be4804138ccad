import assert from "node:assert/strict";
import test from "node:test";
import { Autosave, settle } from "../src/grid/autosave.js";

class Storage {
  constructor() { this.map = new Map(); }
  get length() { return this.map.size; }
  key(i) { return [...this.map.keys()][i]; }
  getItem(k) { return this.map.get(k) ?? null; }
  setItem(k, v) { this.map.set(k, v); }
  removeItem(k) { this.map.delete(k); }
}

// A server that keeps cells by revision, a clock that the test winds.
function world({ storage = new Storage(), cells = { a: "1", b: "2" }, revision = 1, tab = "t1", name = "sheet" } = {}) {
  const server = { cells: { ...cells }, notes: {}, revision, status: 200, seen: [], bad: [] };
  const timers = [];
  const heard = [];
  const send = async (body) => {
    server.seen.push(body);
    if (server.status !== 200) return { status: server.status, body: {} };
    if (body.revision !== server.revision) return { status: 409, body: { conflict: true, revision: server.revision, cells: { ...server.cells } } };
    const faults = Object.fromEntries(Object.keys(body.cells).filter((c) => server.bad.includes(c)).map((c) => [c, "bad"]));
    for (const [code, text] of Object.entries(body.cells)) if (!(code in faults)) server.cells[code] = text;
    server.revision += 1;
    return { status: Object.keys(faults).length ? 422 : 200, body: { revision: server.revision, cells: {}, faults } };
  };
  const later = (act, ms) => { const timer = { act, ms }; timers.push(timer); return () => timers.splice(timers.indexOf(timer), timers.includes(timer) ? 1 : 0); };
  const queue = new Autosave({ name, tab, revision, storage, send, later, hold: (text) => text === "1,5", hear: (event, detail) => heard.push([event, detail]) });
  const wind = async () => { const due = timers.splice(0); for (const timer of due) timer.act(); for (let i = 0; i < 20; i += 1) await null; return due.map((d) => d.ms); };
  return { server, queue, storage, wind, heard, timers, theirs: (_, code) => server.cells[code] };
}

test("typing is debounced into one request, then the storage is empty", async () => {
  const { server, queue, storage, wind, timers } = world();
  queue.change("cells", [{ code: "a", from: "1", to: "10" }]);
  queue.change("cells", [{ code: "a", from: "10", to: "11" }, { code: "b", from: "2", to: "20" }]);
  assert.equal(timers.length, 1);
  assert.equal(timers[0].ms, 800);
  assert.equal(storage.length, 1);
  await wind();
  assert.deepEqual(server.seen.map((s) => s.cells), [{ a: "11", b: "20" }]);
  assert.equal(queue.state, "clean");
  assert.equal(storage.length, 0);
});

test("without a connection it waits longer and longer, and goes up when it is back", async () => {
  const { server, queue, wind, storage } = world();
  server.status = 0;
  queue.change("cells", [{ code: "a", from: "1", to: "10" }]);
  const waits = [];
  for (let i = 0; i < 8; i += 1) waits.push(...await wind());
  assert.deepEqual(waits, [800, 1000, 2000, 4000, 8000, 15000, 30000, 30000]);
  assert.equal(queue.state, "offline");
  assert.equal(storage.length, 1);
  server.status = 200;
  queue.wake();
  await wind();
  assert.equal(server.cells.a, "10");
  assert.equal(queue.clean, true);
});

test("a change made while a request is under way is sent after it, on the new revision", async () => {
  const { server, queue, wind } = world();
  queue.change("cells", [{ code: "a", from: "1", to: "10" }]);
  const flying = queue.flush();
  queue.change("cells", [{ code: "a", from: "10", to: "100" }]);
  await flying;
  assert.equal(server.cells.a, "10");
  assert.equal(queue.clean, false);
  await wind();
  assert.equal(server.cells.a, "100");
  assert.deepEqual(server.seen.map((s) => s.revision), [1, 2]);
});

test("a closed tab's queue is found by the next one; what the server already has is dropped", async () => {
  const storage = new Storage();
  const first = world({ storage, tab: "t1" });
  first.server.status = 0;
  first.queue.change("cells", [{ code: "a", from: "1", to: "10" }, { code: "b", from: "2", to: "20" }]);
  const second = world({ storage, tab: "t2", cells: { a: "10", b: "2" }, revision: 2 });
  const { changes, conflicts } = second.queue.recover(second.theirs);
  assert.deepEqual(changes.cells, { b: { to: "20", base: "2" } });
  assert.deepEqual(conflicts, []);
  await second.wind();
  assert.equal(second.server.cells.b, "20");
  assert.equal(storage.length, 0);
});

test("another person's queue on this computer is not touched", () => {
  const storage = new Storage();
  const first = world({ storage, name: "sheet|7|anna" });
  first.queue.change("cells", [{ code: "a", from: "1", to: "10" }]);
  const second = world({ storage, name: "sheet|7|ben", tab: "t2" });
  assert.deepEqual(second.queue.recover(second.theirs).changes.cells, {});
  assert.equal(storage.length, 1);
});

test("overtaken: other cells go on quietly, the same cell waits for a choice", async () => {
  const { server, queue, wind, heard } = world();
  server.cells.b = "7";
  server.revision = 5;
  queue.change("cells", [{ code: "a", from: "1", to: "10" }]);
  await wind();
  await wind();
  assert.deepEqual(server.cells, { a: "10", b: "7" });

  server.cells.b = "8";
  server.revision = 9;
  queue.change("cells", [{ code: "b", from: "7", to: "70" }]);
  await wind();
  assert.equal(queue.state, "conflict");
  assert.deepEqual(heard.filter(([e]) => e === "conflicts").at(-1)[1].conflicts, [{ kind: "cells", code: "b", mine: "70", theirs: "8", base: "7" }]);
  await wind();
  assert.equal(server.cells.b, "8"); // nothing is sent before the choice
  queue.decide([]);
  await wind();
  assert.equal(server.cells.b, "70");
});

test("giving up one's own figure sends nothing", async () => {
  const { server, queue, wind } = world();
  server.cells.a = "3";
  server.revision = 4;
  queue.change("cells", [{ code: "a", from: "1", to: "10" }]);
  await wind();
  queue.decide([{ kind: "cells", code: "a" }]);
  assert.equal(queue.clean, true);
  assert.equal(server.cells.a, "3");
});

test("a refused figure does not hold up the others, and goes up once it is mended", async () => {
  const { server, queue, wind } = world();
  server.bad = ["a"];
  queue.change("cells", [{ code: "a", from: "1", to: "x" }, { code: "b", from: "2", to: "20" }]);
  await wind();
  await wind();
  assert.equal(server.cells.b, "20");
  assert.equal(queue.state, "refused");
  assert.equal(queue.clean, false);
  server.bad = [];
  queue.change("cells", [{ code: "a", from: "x", to: "5" }]);
  await wind();
  assert.equal(server.cells.a, "5");
  assert.equal(queue.clean, true);
});

test("what nobody can read for sure is kept here and not sent", async () => {
  const { server, queue, wind, storage } = world();
  queue.change("cells", [{ code: "a", from: "1", to: "1,5" }, { code: "b", from: "2", to: "3" }]);
  await wind();
  assert.deepEqual(server.seen.map((s) => s.cells), [{ b: "3" }]);
  assert.equal(queue.state, "refused");
  assert.equal(storage.length, 1);
});

test("an ended session keeps everything and tries again after login", async () => {
  const { server, queue, wind, storage } = world();
  server.status = 401;
  queue.change("notes", [{ code: "a", from: "", to: "看" }]);
  await wind();
  assert.equal(queue.state, "session");
  assert.equal(storage.length, 1);
  server.status = 200;
  queue.wake();
  await wind();
  assert.deepEqual(server.seen.at(-1).notes, { a: "看" });
  assert.equal(queue.clean, true);
});

test("one figure written two ways is no conflict", () => {
  const { keep, conflicts } = settle({ cells: { a: { to: "5", base: "12" }, b: { to: "7", base: "1" } } }, (_, code) => ({ a: "12.0", b: "7.00" })[code]);
  assert.deepEqual(conflicts, []);
  assert.deepEqual(Object.keys(keep.cells), ["a"]);
});
