// On every page: HTMX, the drawer, the toast. No inline script anywhere (CSP).
import htmx from "htmx.org";
import { t } from "./grid/language.js";
import { keepDrafts } from "./page/drafts.js";
import { watchDrawer } from "./page/drawer.js";
import { watchFilters } from "./page/filters.js";
import { showPresent } from "./page/navigation.js";
import { watchSearch } from "./page/search.js";

htmx.config.includeIndicatorStyles = false; // would be an inline style
htmx.config.allowEval = false;
htmx.config.selfRequestsOnly = true;
window.htmx = htmx;

export function say(text) {
  const toast = document.getElementById("toast");
  toast.textContent = text;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => { toast.textContent = ""; }, 6000);
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
document.addEventListener("htmx:responseError", (event) => {
  say(event.detail.xhr.status === 404
    ? t("没有找到，或不在您的管理范围内", "Not found, or outside your reach")
    : t(`没有成功（${event.detail.xhr.status}），请稍后再试`, `That did not work (${event.detail.xhr.status}); please try again later`));
});
document.addEventListener("htmx:sendError", () => say(t("网络断了，恢复后请再试", "No connection; please try again when it is back")));
// A form marked data-confirm asks first.
document.addEventListener("submit", (event) => {
  const text = event.target.dataset.confirm;
  if (text && !window.confirm(text)) event.preventDefault();
});
watchDrawer();
watchFilters();
showPresent();
keepDrafts();
watchSearch();
