// What is held, by strategy: profit or loss, Greeks, and the legs beneath.
function heatStrip(rows) {
  const known = rows.filter((row) => isNumber(row.unrealized_pnl));
  if (!known.length) return null;
  const most = Math.max(...known.map((row) => Math.abs(row.unrealized_pnl))) || 1;
  const said = made("output", { class: "quiet" }, "Open profit or loss; point at one to read it.");
  const cells = known.map((row) => {
    const name = `${row.symbol} ${words(row.strategy ?? "in all")}: ${signed(row.unrealized_pnl)}`;
    const cell = made("button", { type: "button", class: `cell ${side(row.unrealized_pnl)}`, "aria-label": name,
      on: { pointerenter: () => { said.textContent = name; }, focus: () => { said.textContent = name; } } },
      `${row.symbol} ${signed(Math.round(row.unrealized_pnl)).replace(/\.00$/, "")}`);
    cell.style.setProperty("--strength", `${Math.round(15 + 75 * Math.sqrt(Math.abs(row.unrealized_pnl) / most))}%`);
    return cell;
  });
  return made("section", { "aria-label": "profit or loss by position" }, made("div", { class: "strip" }, cells), said);
}

function below(row) {
  const missing = row.missing ?? [];
  return made("div", {},
    table("", [
      { name: "contract", of: (leg) => leg.label },
      { name: "held", of: (leg) => leg.quantity },
      { name: "average cost", of: (leg) => leg.avg_cost, as: (value) => figure(value) },
      { name: "price", of: (leg) => leg.price, as: (value) => figure(value) },
      { name: "profit or loss", of: (leg) => leg.unrealized_pnl, as: signed, tone: side },
      { name: "delta", of: (leg) => leg.delta, as: (value) => figure(value, 3) },
    ], row.legs ?? []),
    missing.length ? made("p", { class: "quiet" }, `Not known: ${missing.map(plain).join("; ")}`) : null);
}

const HELD = [
  { name: "position", of: (row) => `${row.symbol ?? ""} ${words(row.strategy ?? "")}` },
  { name: "×", of: (row) => row.quantity },
  { name: "days", of: (row) => row.dte },
  { name: "value", of: (row) => row.market_value, as: cash },
  { name: "profit or loss", of: (row) => row.unrealized_pnl, as: signed, tone: side },
  { name: "% of max", of: (row) => row.pct_of_max_profit, as: (value) => (isNumber(value) ? `${figure(value, 1)} %` : MISSING) },
  { name: "delta", of: (row) => row.greeks?.delta, as: (value) => figure(value, 1) },
  { name: "theta $/day", of: (row) => row.greeks?.theta, as: (value) => figure(value) },
  { name: "vega $/pt", of: (row) => row.greeks?.vega, as: (value) => figure(value) },
];
const TOLD = new Set(["summary", "warnings", "as_of", "environment", "data_quality", "read_as", "next_steps", "chart", "count", "next_cursor"]);
const isCash = (name) => /pnl|value|cash|margin|liquidation|equity|dollars|power|^(day|unrealized|realized)/.test(name) && !/pct|ratio|usage|cushion/.test(name);
const gains = (name) => /pnl|^(day|unrealized|realized)/.test(name) && !name.endsWith("_pct");
const amount = (name, value) => (!isNumber(value) || !isCash(name) ? plain(value) : gains(name) ? signed(value) : cash(value));
const fact = ([name, value]) => [words(name), amount(name, value), gains(name) ? side(value) : ""];

// Everything else that the answer says, by its own names.
function rest(answer) {
  const entries = Object.entries(answer).filter(([, value]) => value !== "" && !(Array.isArray(value) && !value.length));
  const isText = ([, value]) => typeof value === "string";
  const isGroup = ([, value]) => value !== null && typeof value === "object" && !Array.isArray(value);
  const single = entries.filter((entry) => !isText(entry) && !isGroup(entry) && !Array.isArray(entry[1]));
  return [
    single.length ? facts(single.map(fact)) : null,
    ...entries.filter(isGroup).map(([name, value]) => made("section", {}, made("h2", {}, words(name)), facts(Object.entries(value).map(fact)))),
    ...entries.filter(([, value]) => Array.isArray(value)).map(([name, value]) =>
      typeof value[0] === "object" ? anyTable(words(name), value) : made("p", {}, `${words(name)}: ${value.map(plain).join(", ")}`)),
    ...entries.filter(isText).map(([name, value]) => made("p", { class: "quiet" }, `${words(name)}: ${value}`)),
  ];
}

host.start("sumppump-portfolio", (result) => {
  const { answer, text, isError } = answerOf(result);
  if (!answer || isError) return textOnly(text, isError);
  const held = Array.isArray(answer.positions) ? answer.positions : [];
  const left = Object.fromEntries(Object.entries(answer).filter(([name]) => !TOLD.has(name) && !(name === "positions" && held.length)));
  shown(
    heading(answer, "Portfolio"),
    made("p", { class: "summary" }, answer.summary ?? ""),
    warnings(answer),
    heatStrip(held.length ? held : answer.underlyings ?? []),
    table("Positions", HELD, held, below),
    ...rest(left),
    made("footer", {}, "This view only shows. Orders are proposed in the chat and approved by the person, outside of it."));
});
