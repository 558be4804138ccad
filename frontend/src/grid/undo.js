// Undo and redo of whole actions: a paste of forty cells is one step.

export class History {
  constructor(limit = 200) { this.limit = limit; this.done = []; this.undone = []; }

  /** Remembers an action: a list of {code, from, to}. An empty one is none. */
  record(action) {
    if (!action.length) return;
    this.done.push(action);
    if (this.done.length > this.limit) this.done.shift();
    this.undone = [];
  }

  /** The changes that take the last action back ([[code, text]]), or null. */
  undo() {
    const action = this.done.pop();
    if (!action) return null;
    this.undone.push(action);
    return action.map((change) => [change.code, change.from]);
  }

  /** The changes that do it again, or null. */
  redo() {
    const action = this.undone.pop();
    if (!action) return null;
    this.done.push(action);
    return action.map((change) => [change.code, change.to]);
  }
}
