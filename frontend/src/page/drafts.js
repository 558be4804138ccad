// What is typed into a form of several lines stays in this tab until it is sent (sessionStorage: gone with the tab, never on another device,
// one person's never another's). Forms with [data-form] and the sheet of a return keep their own.
import { t } from "../grid/language.js";

const PREFIX = "qm-draft-";
const REFUSED = "main [role=alert].bad, main [data-kept]";
/** Whether this page is shown again with what was typed: refused, or after a file was added. */
const again = () => document.querySelector(REFUSED) !== null;

const store = {
  read(name) { try { return JSON.parse(sessionStorage.getItem(name)); } catch { return null; } },
  write(name, value) { try { sessionStorage.setItem(name, JSON.stringify(value)); return true; } catch { return false; } },
  drop(name) { try { sessionStorage.removeItem(name); } catch { /* forbidden: nothing was kept */ } },
  names() { try { return Object.keys(sessionStorage).filter((k) => k.startsWith(PREFIX)); } catch { return []; } },
};

class Draft {
  constructor(form, who) {
    this.form = form;
    const areas = [...form.querySelectorAll("textarea")].map((x) => x.id || x.name);
    this.name = [PREFIX + who, location.pathname, ...areas].join(" ");
    this.told = document.createElement("p");
    this.told.className = "small quiet draft-told";
    this.told.setAttribute("role", "status");
    form.append(this.told);
    this.begin();
  }

  texts() {
    return [...this.form.elements].filter((x) => x.name && (x.matches("textarea") || (x.matches("input") && ["text", "search"].includes(x.type))));
  }

  begin() {
    const kept = store.read(this.name);
    if (!kept) return;
    const changed = this.texts().filter((x) => kept.values[x.name] !== undefined && kept.values[x.name] !== x.value);
    if (!changed.length) return;
    if (changed.every((x) => kept.was[x.name] === x.value)) {
      this.fill(kept);
      this.tell(t("已恢复您没有提交的草稿", "Your unsent draft is back"), t("不用草稿", "Discard it"), () => this.discard(kept));
    } else {
      this.tell(t("这里的内容已有更新；您没有提交的草稿还在", "This was changed meanwhile; your unsent draft is kept"), t("改用草稿", "Use the draft"), () => {
        this.fill(kept);
        this.tell(t("已改用草稿，还没有提交", "The draft is shown, not sent yet"));
      });
    }
  }

  fill(kept) {
    for (const text of this.texts()) if (kept.values[text.name] !== undefined) text.value = kept.values[text.name];
    const folded = this.form.closest("details") || this.form.querySelector("details");
    if (folded) folded.open = true;
  }

  discard(kept) {
    for (const text of this.texts()) if (kept.was[text.name] !== undefined) text.value = kept.was[text.name];
    store.drop(this.name);
    this.tell("");
  }

  save() {
    const of = (value) => Object.fromEntries(this.texts().map((x) => [x.name, value(x)]));
    const kept = store.write(this.name, { values: of((x) => x.value), was: of((x) => x.defaultValue) });
    this.tell(kept ? t("已保存草稿（在本浏览器的这个标签页里），还没有提交", "Draft kept in this tab, not sent yet") : "");
  }

  sent() {
    const kept = store.read(this.name);
    if (kept) store.write(this.name, { ...kept, sent: true });
  }

  tell(text, action = "", act = null) {
    this.told.textContent = text;
    if (!act) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "link";
    button.textContent = action;
    button.addEventListener("click", act);
    this.told.append(" ", button);
  }
}

/** Keep the drafts of this page's forms. Whoever logs out, and whoever logs in next, finds none; a session that ended by
 * itself leaves them, also what was just sent and led to the login page. */
export function keepDrafts() {
  const who = document.body.dataset.person;
  for (const name of store.names()) {
    const mine = who && name.startsWith(`${PREFIX}${who} `);
    const kept = store.read(name);
    if ("left" in document.body.dataset || (who && !mine)) store.drop(name);
    else if (!who && kept?.sent) store.write(name, { ...kept, sent: false });
    else if (mine && kept?.sent && !again()) store.drop(name);
  }
  if (!who) return;
  const kept = new Map();
  for (const form of document.querySelectorAll("main form[method=post]:not(#sheet-form)")) {
    if (form.querySelector("textarea") && !form.querySelector("[data-form]")) kept.set(form, new Draft(form, who));
  }
  document.addEventListener("input", (event) => kept.get(event.target.form)?.save());
  document.addEventListener("submit", (event) => {
    if (!event.defaultPrevented && !event.submitter?.formNoValidate) kept.get(event.target)?.sent();
  });
}
