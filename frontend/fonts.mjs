// Cuts the site's Chinese font into slices (WOFF2), so that a first page loads little and no character is ever missing:
//   node fonts.mjs <folder of the TTF files> <root of the project> <folder to write to>
// Slice 1 holds what pages and plans say, slice 2 what else the program and the packs say, the next ones the rest of GB 2312; the whole
// font comes last, for a name that is in none of them. A browser fetches a slice only when a page has a character of it, and
// none where the machine has a Chinese font. Bold is cut for slice 1; for the others the regular one is made bold by the
// browser: a bold face that some machines cannot load would leave their headings with holes.
import { existsSync, readFileSync, readdirSync, writeFileSync, copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import subset from "subset-font";

const [fonts, root, out] = process.argv.slice(2);
const WEIGHTS = [
  { file: "NotoSansSC_400Regular", name: "regular", weight: "400", slices: Infinity, local: ["Noto Sans SC", "NotoSansSC-Regular", "Noto Sans CJK SC", "NotoSansCJKsc-Regular", "Source Han Sans SC", "SourceHanSansSC-Regular", "PingFangSC-Regular", "Microsoft YaHei", "WenQuanYi Micro Hei", "SimHei"] },
  { file: "NotoSansSC_700Bold", name: "bold", weight: "600 700", slices: 1, local: ["Noto Sans SC Bold", "NotoSansSC-Bold", "Noto Sans CJK SC Bold", "NotoSansCJKsc-Bold", "Source Han Sans SC Bold", "PingFangSC-Semibold", "Microsoft YaHei Bold"] },
];
const BLOCKS = [[0x2e80, 0x9fff], [0xf900, 0xfaff], [0xfe30, 0xfe4f], [0xff00, 0xffef]];
// Folders of a pack whose words stand on the pages that are opened first.
const SHOWN = ["plan", "organisations", "areas", "returns"];
const chinese = (c) => BLOCKS.some(([a, b]) => c >= a && c <= b);

function* files(folder, ends) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) { if (!["built", "node_modules", "__pycache__"].includes(entry.name)) yield* files(path, ends); }
    else if (ends.some((e) => entry.name.endsWith(e))) yield path;
  }
}

const said = (...places) => {
  const found = new Set();
  for (const [folder, ends] of places) {
    for (const path of files(join(root, folder), ends)) for (const c of readFileSync(path, "utf8")) if (chinese(c.codePointAt(0))) found.add(c);
  }
  return found;
};

function gb2312() {
  const decode = new TextDecoder("gb18030"), found = [];
  for (let a = 0xa1; a <= 0xf7; a += 1) for (let b = 0xa1; b <= 0xfe; b += 1) found.push(decode.decode(Uint8Array.of(a, b)));
  return found.filter((c) => [...c].length === 1 && chinese(c.codePointAt(0)));
}

function cut() {
  const packs = readdirSync(join(root, "content")).flatMap((p) => SHOWN.map((f) => `content/${p}/${f}`));
  const first = said(
    ["src/qingmiao/site", [".html", ".py"]], ["src/qingmiao/assess", [".py"]], ["src/qingmiao/figures", [".py"]],
    ["src/qingmiao/content", [".py"]], ["frontend/src", [".js"]],
    ...packs.filter((f) => existsSync(join(root, f))).map((f) => [f, [".yaml"]]),
  );
  const second = [...said(["src/qingmiao", [".py"]], ["content", [".yaml"]])].filter((c) => !first.has(c));
  const known = new Set([...first, ...second]);
  const rest = gb2312().filter((c) => !known.has(c));
  const slices = [[...first], second];
  for (let k = 0; k < rest.length; k += 1400) slices.push(rest.slice(k, k + 1400));
  return slices.map((slice) => slice.map((c) => c.codePointAt(0)).sort((a, b) => a - b));
}

/** Code points as a unicode-range: neighbours as one range. */
function range(points) {
  const parts = [];
  for (const p of points) {
    const last = parts[parts.length - 1];
    if (last && last[1] === p - 1) last[1] = p; else parts.push([p, p]);
  }
  return parts.map(([a, b]) => `U+${a.toString(16)}${b > a ? `-${b.toString(16)}` : ""}`).join(",");
}

const face = (family, w, source, unicodes) => `@font-face{font-family:"${family}";font-weight:${w.weight};font-display:swap;unicode-range:${unicodes};src:${source}}\n`;
const local = (w) => w.local.map((name) => `local("${name}")`).join(",");

async function write() {
  mkdirSync(join(out, "fonts"), { recursive: true });
  const [regular] = WEIGHTS, slices = cut();
  let css = "/* Written at set-up by fonts.mjs. */\n";
  for (const w of WEIGHTS) {
    const whole = readFileSync(join(fonts, `${w.file}.ttf`));
    for (const [k, points] of slices.slice(0, w.slices).entries()) {
      const name = `${w.name}-${k + 1}.woff2`;
      writeFileSync(join(out, "fonts", name), await subset(whole, String.fromCodePoint(...points), { targetFormat: "woff2" }));
      css += face(k ? "Qingmiao Sans More" : "Qingmiao Sans", w, `${local(w)},url("fonts/${name}") format("woff2")`, range(points));
    }
  }
  const known = new Set(slices.flat()), all = BLOCKS.flatMap(([a, b]) => Array.from({ length: b - a + 1 }, (_, k) => a + k));
  copyFileSync(join(fonts, `${regular.file}.ttf`), join(out, "fonts", `${regular.file}.ttf`));
  css += face("Qingmiao Sans Whole", regular, `${local(regular)},url("fonts/${regular.file}.ttf") format("truetype")`, range(all.filter((c) => !known.has(c))));
  writeFileSync(join(out, "fonts.css"), css);
}
await write();
