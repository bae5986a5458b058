// Figures as coloured cells and as bars. The figure itself always stands beside or in its colour.
const dollars = (value) => (isNumber(value) ? signed(Math.round(value)).replace(/\.00$/, "") : MISSING);
const part = (value) => (isNumber(value) ? `${figure(100 * value, 1)} %` : MISSING);
const perCent = (value) => (isNumber(value) ? `${value > 0 ? "+" : ""}${figure(value).replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "")} %` : MISSING);
const whole = (value) => (isNumber(value) ? cash(Math.round(value)).replace(/\.00$/, "") : MISSING);

function shaded(node, value, most) {
  if (!isNumber(value) || value === 0) return node;
  node.classList.add(side(value));
  node.style.setProperty("--strength", `${Math.round(12 + 78 * Math.sqrt(Math.abs(value) / most))}%`);
  return node;
}

// Rows of {name, of}: one figure a column. Nothing is coloured that nobody knows.
function heatTable(title, corner, columns, rows, here = -1) {
  const known = rows.flatMap((row) => columns.map(row.of)).filter(isNumber);
  if (!known.length) return null;
  const most = Math.max(...known.map(Math.abs)) || 1;
  const cell = (row, column, place) =>
    shaded(made("td", { class: place === here ? "number here" : "number" }, dollars(row.of(column))), row.of(column), most);
  return made("section", {}, made("h2", {}, title), made("div", { class: "wide" }, made("table", { class: "heat" },
    made("thead", {}, made("tr", {}, made("th", { scope: "col" }, corner),
      columns.map((column) => made("th", { scope: "col", class: "number" }, perCent(column.move_pct))))),
    made("tbody", {}, rows.map((row) => made("tr", {}, made("th", { scope: "row" }, row.name), columns.map((column, place) => cell(row, column, place))))))));
}

// Rows of {name, value, said, note}: losses to the left of zero, gains to the right. `full` is the longest bar
// that there could be; without it the longest that there is.
function bars(title, rows, full = 0) {
  const known = rows.filter((row) => isNumber(row.value));
  if (!known.length) return null;
  const least = Math.min(0, ...known.map((row) => row.value));
  const span = Math.max(full, ...known.map((row) => row.value)) - least || 1;
  const bar = (value) => {
    const node = made("i", { class: side(value) });
    node.style.marginLeft = `${(100 * (Math.min(0, value) - least)) / span}%`;
    node.style.width = `${(100 * Math.abs(value)) / span}%`;
    return node;
  };
  return made("section", {}, made("h2", {}, title), made("ul", { class: "bars" }, rows.map((row) =>
    made("li", {}, made("span", {}, row.name, row.note ? made("small", { class: "quiet" }, ` ${row.note}`) : null),
      made("b", {}, isNumber(row.value) ? bar(row.value) : null), made("span", { class: `number ${row.plain ? "" : side(row.value)}` }, row.said)))));
}

const lines = (title, texts) => ((texts ?? []).length ? made("section", {}, made("h2", {}, title), made("ul", {}, texts.map((text) => made("li", {}, text)))) : null);
const leftOut = (answer) => lines("Left out of every sum", [...(answer.left_out ?? []), ...(answer.missing ?? []), ...(answer.no_beta ?? [])]);
const column = (name, of, as = undefined, tone = undefined) => ({ name, of, as, tone });
const money = (name, key) => column(name, (row) => row[key], cash);
const number = (name, key, digits = 2) => column(name, (row) => row[key], (value) => figure(value, digits));
