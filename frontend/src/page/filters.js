// A select marked data-submit sends its form when a choice was made with the pointer. With the keyboard every arrow is a change:
// there the button of the form, or Enter, sends it.
export function watchFilters() {
  let pointed = false;
  document.addEventListener("pointerdown", () => { pointed = true; });
  document.addEventListener("keydown", () => { pointed = false; });
  document.addEventListener("change", (event) => {
    if (pointed && event.target.matches("[data-submit]")) event.target.form.requestSubmit();
  });
}
