// A form on a page: hides, computes and checks while somebody fills it in; the server judges the same again.
import { FormPage } from "./form/page.js";

for (const root of document.querySelectorAll("[data-form]")) new FormPage(root);
