// On a phone a form with several groups shows one part at a time: each group is a part, and so are the fields between groups.
import { t } from "../grid/language.js";

const PHONE = "(max-width: 760px)";

export function paged(page) {
  const phone = window.matchMedia(PHONE);
  const parts = [];
  for (const place of page.root.querySelectorAll(":scope > [data-field]")) {
    const group = place.matches("[data-group], [data-rows]");
    const last = parts.at(-1);
    if (group || !last || last.group) parts.push({ group, places: [place] });
    else last.places.push(place);
  }
  if (parts.length < 2 || !phone.matches) return { showAll() {} };
  let at = 0;
  const bar = document.createElement("div");
  bar.className = "form-steps";
  const back = Object.assign(document.createElement("button"), { type: "button", textContent: t("上一页", "Back") });
  const where = Object.assign(document.createElement("span"), { className: "small quiet" });
  where.setAttribute("aria-live", "polite");
  const on = Object.assign(document.createElement("button"), { type: "button", textContent: t("下一页", "Next") });
  bar.append(back, where, on);
  page.root.append(bar);
  const send = page.element.querySelector(".form-send");
  const usable = (part) => part.places.some((place) => !place.hidden);
  const next = (step) => { let n = at + step; while (parts[n] && !usable(parts[n])) n += step; return parts[n] ? n : at; };
  const show = () => {
    parts.forEach((part, n) => part.places.forEach((place) => place.classList.toggle("form-away", n !== at)));
    where.textContent = t(`第 ${at + 1} 页，共 ${parts.length} 页`, `Page ${at + 1} of ${parts.length}`);
    back.disabled = next(-1) === at;
    on.hidden = next(1) === at;
    if (send) send.classList.toggle("form-away", !on.hidden);
  };
  const turn = (step) => { at = next(step); show(); parts[at].places[0].scrollIntoView({ block: "start" }); };
  back.addEventListener("click", () => turn(-1));
  on.addEventListener("click", () => turn(1));
  page.root.addEventListener("change", show);
  queueMicrotask(show);
  return {
    showAll() {
      for (const place of page.element.querySelectorAll(".form-away")) place.classList.remove("form-away");
      bar.hidden = true;
    },
  };
}
