// Where the navigation scrolls sideways (a phone), the entry of this page is in sight.
export function showPresent() {
  for (const here of document.querySelectorAll(".main-nav [aria-current], .tabs [aria-current]")) {
    const bar = here.parentElement;
    if (bar.scrollWidth > bar.clientWidth) bar.scrollLeft = here.offsetLeft - (bar.clientWidth - here.offsetWidth) / 2;
  }
}
