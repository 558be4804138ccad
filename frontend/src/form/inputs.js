// Two inputs that a browser helps with: the position of the device, and a signature drawn by finger or mouse.
import { t } from "../grid/language.js";

export function locate(page) {
  if (!navigator.geolocation) return;
  for (const button of page.root.querySelectorAll("[data-locate]")) {
    button.hidden = false;
    button.addEventListener("click", () => navigator.geolocation.getCurrentPosition(({ coords }) => {
      const put = (part, value) => { document.getElementById(`${button.dataset.locate}.${part}`).value = value; };
      put("latitude", coords.latitude.toFixed(6));
      put("longitude", coords.longitude.toFixed(6));
      put("precision", Math.ceil(coords.accuracy));
      page.changed(button);
    }, () => { button.textContent = t("没有取得位置，请手工填写", "No position; please type it"); }, { enableHighAccuracy: true, timeout: 20000 }));
  }
}

/** A canvas beside each signature's file input; what is drawn becomes its file. The input stays for those who cannot draw. */
export function sign(root) {
  for (const input of root.querySelectorAll("input[data-signature]")) {
    if (input.previousElementSibling?.matches("canvas")) continue;
    const canvas = Object.assign(document.createElement("canvas"), { className: "form-signature", width: 840, height: 300 });
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", t("在这里签名；也可以在下面选一张签名的照片", "Sign here, or choose a picture of the signature below"));
    const pen = canvas.getContext("2d");
    Object.assign(pen, { lineWidth: 5, lineCap: "round", strokeStyle: "#1c2733" });
    const at = (event) => { const box = canvas.getBoundingClientRect(); return [((event.clientX - box.left) / box.width) * 840, ((event.clientY - box.top) / box.height) * 300]; };
    let down = false;
    canvas.addEventListener("pointerdown", (event) => { down = true; canvas.setPointerCapture(event.pointerId); pen.beginPath(); pen.moveTo(...at(event)); });
    canvas.addEventListener("pointermove", (event) => { if (down) { pen.lineTo(...at(event)); pen.stroke(); } });
    canvas.addEventListener("pointerup", () => {
      down = false;
      canvas.toBlob((blob) => {
        const held = new DataTransfer();
        held.items.add(new File([blob], "signature.png", { type: "image/png" }));
        input.files = held.files;
        input.dispatchEvent(new Event("change", { bubbles: true }));
      });
    });
    input.before(canvas);
  }
}
