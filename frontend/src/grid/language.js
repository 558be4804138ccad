// The text in the language of the page, as the templates' {% t %}, and names of lines.
const english = () => globalThis.document?.documentElement.lang === "en";

export const t = (zh, en) => (english() ? en : zh);

/** The name of a row or column in the language of the page. */
export const named = (line) => (english() && line.label_en) || line.label;
