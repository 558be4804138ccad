// On every page: HTMX, the drawer, the toast. No inline script anywhere (CSP).
import htmx from "htmx.org";
import { keepDrafts } from "./page/drafts.js";

htmx.config.includeIndicatorStyles = false; // would be an inline style
htmx.config.allowEval = false;
htmx.config.selfRequestsOnly = true;
window.htmx = htmx;

const drawer = document.getElementById("drawer");
let opener = null;

export function say(text) {
  const toast = document.getElementById("toast");
  toast.textContent = text;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => { toast.textContent = ""; }, 6000);
}

function closeDrawer() {
  drawer.hidden = true;
  drawer.replaceChildren();
  if (opener) opener.focus();
}

// Anything with hx-target="#drawer" opens it; Escape and [data-close] close it and give the focus back.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.target === drawer) opener = event.detail.elt;
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target === drawer) {
    drawer.hidden = false;
    drawer.tabIndex = -1;
    drawer.focus();
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !drawer.hidden) closeDrawer();
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-close]")) closeDrawer();
  const menu = document.querySelector("details.person-menu[open]");
  if (menu && !menu.contains(event.target)) menu.open = false;
  if (event.target.closest("[data-print]")) window.print();
});
document.addEventListener("htmx:responseError", (event) => {
  say(event.detail.xhr.status === 404 ? "没有找到，或不在你的管理范围内" : `没有成功（${event.detail.xhr.status}），请稍后再试`);
});
document.addEventListener("htmx:sendError", () => say("网络断了，恢复后再试"));
// A form marked data-confirm asks first.
document.addEventListener("submit", (event) => {
  const text = event.target.dataset.confirm;
  if (text && !window.confirm(text)) event.preventDefault();
});
// A select marked data-submit sends its form when it changes.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});
keepDrafts();
