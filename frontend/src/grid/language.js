// The text in the language of the page, as the templates' {% t %}, and names of lines.
const english = () => globalThis.document?.documentElement.lang === "en";

export const t = (zh, en) => (english() ? en : zh);

/** The name of a row or column: its label in the language of the page. */
export function named(line) {
  const label = line.label;
  return typeof label === "string" ? label : (english() && label.en) || label.zh;
}
