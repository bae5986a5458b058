// Parts of a page. Text goes in as textContent alone, so that no name can become markup.
const MISSING = "–";

function made(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") for (const [event, run] of Object.entries(value)) node.addEventListener(event, run);
    else if (value !== false && value !== null) node.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat()) if (child !== null && child !== undefined && child !== "") node.append(child);
  return node;
}

function drawn(tag, attributes = {}, text = "") {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text) node.textContent = text;
  return node;
}

const isNumber = (value) => typeof value === "number" && Number.isFinite(value);
const figure = (value, digits = 2) =>
  isNumber(value)
    ? (Math.abs(value) < 0.5 / 10 ** digits ? 0 : value).toLocaleString("en-US", { minimumFractionDigits: Math.min(digits, 2), maximumFractionDigits: digits }).replace("-", "−")
    : MISSING;
const cash = (value) => (isNumber(value) ? `${value < 0 ? "−" : ""}$${figure(Math.abs(value))}` : MISSING);
const signed = (value) => (isNumber(value) ? `${value > 0 ? "+" : ""}${cash(value)}` : MISSING);
const percent = (value) => (isNumber(value) ? `${figure(100 * value, 1)} %` : MISSING);
function plain(value) {
  if (value === null || value === undefined || value === "") return MISSING;
  if (isNumber(value)) return figure(value, 4).replace(/\.00$/, "");
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value !== "object") return String(value);
  return Object.entries(value).map(([name, each]) => `${words(name)} ${plain(each)}`).join(", ");
}
const words = (name) => String(name).replaceAll("_", " ");
const side = (value) => (isNumber(value) && value !== 0 ? (value > 0 ? "gain" : "loss") : "");

// About so many round numbers between two bounds.
function roundNumbers(low, high, count) {
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 2.5, 5, 10].find((each) => each * power >= raw) ?? 10);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.max(0, Math.floor(high / step) - first + 1) }, (_, place) => (first + place) * step);
}

function heading(answer, title) {
  const mode = answer.environment?.mode ?? "";
  return made("header", {},
    made("span", { class: `mode mode-${["SIM", "PAPER", "LIVE"].includes(mode) ? mode.toLowerCase() : "none"}` }, mode || "?"),
    made("span", { class: "quiet" }, answer.environment?.account ?? ""),
    made("h1", {}, title),
    made("span", { class: "quiet end" }, answer.as_of ? `as of ${answer.as_of}` : ""));
}

function warnings(answer) {
  const lines = answer.warnings ?? [];
  return lines.length ? made("ul", { class: "warnings", "aria-label": "warnings" }, lines.map((line) => made("li", {}, line))) : null;
}

function facts(rows) {
  return made("dl", {}, rows.filter(Boolean).map(([name, value, tone = "", why = ""]) =>
    made("div", {}, made("dt", {}, name), made("dd", { class: tone }, value), why ? made("dd", { class: "quiet" }, why) : null)));
}

function folded(title, ...content) {
  const shown = content.flat().filter(Boolean);
  return shown.length ? made("details", {}, made("summary", {}, title), shown) : null;
}

// Rows with a head that sorts; a missing figure sorts last either way. `more` gives what unfolds under a row.
function table(title, columns, rows, more = null) {
  if (!rows.length) return null;
  let sorted = null;
  let falls = false;
  const body = made("tbody");
  const heads = columns.map((column) => made("th", { scope: "col", "aria-sort": "none", class: rows.some((row) => isNumber(column.of(row))) ? "number" : "" },
    made("button", { type: "button", on: { click: () => sort(column) } }, column.name)));

  function sort(column) {
    falls = sorted === column ? !falls : isNumber(column.of(rows[0]));
    sorted = column;
    heads.forEach((head, place) => head.setAttribute("aria-sort", columns[place] !== column ? "none" : falls ? "descending" : "ascending"));
    fill([...rows].sort((one, other) => {
      const [left, right] = [column.of(one), column.of(other)];
      if (left === right) return 0;
      if (left === null || left === undefined) return 1;
      if (right === null || right === undefined) return -1;
      return (left < right ? -1 : 1) * (falls ? -1 : 1);
    }));
  }

  function fill(shown) {
    body.replaceChildren(...shown.flatMap((row) => {
      const cells = columns.map((column) => {
        const value = column.of(row);
        const said = (column.as ?? plain)(value);
        const kind = isNumber(value) ? "number" : said.length > 40 ? "long" : "";
        return made("td", { class: `${kind} ${column.tone?.(value) ?? ""}` }, said);
      });
      if (!more) return [made("tr", {}, cells)];
      const below = made("tr", { hidden: true }, made("td", { colspan: columns.length }, more(row)));
      const knob = made("button", { type: "button", class: "knob", "aria-expanded": "false", "aria-label": "legs",
        on: { click: () => { below.hidden = !below.hidden; knob.setAttribute("aria-expanded", String(!below.hidden)); } } });
      cells[0].prepend(knob);
      return [made("tr", {}, cells), below];
    }));
  }

  fill(rows);
  return made("section", {}, title ? made("h2", {}, title) : null,
    made("div", { class: "wide" }, made("table", {}, made("thead", {}, made("tr", {}, heads)), body)));
}

// Whatever a list of rows holds, by its own names.
function anyTable(title, rows) {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))]
    .filter((name) => rows.some((row) => row[name] !== null && row[name] !== "" && !(Array.isArray(row[name]) && !row[name].length)));
  const columnOf = (name) => ({
    name: words(name),
    of: (row) => row[name],
    as: name.endsWith("_id") ? String : plain, // a number that counts nothing
    tone: name.includes("pnl") ? side : undefined,
  });
  return table(title, names.map(columnOf), rows);
}

// A host may withhold the structure; then the text of the answer is shown as it is.
function answerOf(result) {
  const text = (result.content ?? []).filter((part) => part.type === "text").map((part) => part.text).join("\n");
  return { answer: result.structuredContent ?? null, text, isError: result.isError === true, extra: result._meta?.["sumppump/view"] ?? {} };
}

function shown(...nodes) {
  document.getElementById("view").replaceChildren(...nodes.flat().filter(Boolean));
}

function textOnly(text, isError, why = "This host passes the text of the answer only.") {
  shown(made("p", { class: isError ? "warnings" : "quiet" }, isError ? "This was refused." : why), made("pre", {}, text));
}
