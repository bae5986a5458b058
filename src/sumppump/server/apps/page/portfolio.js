// What is held, by strategy: profit or loss, Greeks, and the legs beneath.
function heatStrip(rows) {
  const known = rows.filter((row) => isNumber(row.unrealized_pnl));
  if (!known.length) return null;
  const most = Math.max(...known.map((row) => Math.abs(row.unrealized_pnl))) || 1;
  const said = made("output", { class: "quiet" }, "Profit or loss of each position; point at one to read it.");
  const cells = known.map((row) => {
    const name = `${row.symbol} ${words(row.strategy)}: ${signed(row.unrealized_pnl)}`;
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
const TOLD = new Set(["summary", "warnings", "as_of", "environment", "data_quality", "read_as", "next_steps", "positions", "chart", "count", "next_cursor"]);

function rest(answer) {
  const entries = Object.entries(answer).filter(([name]) => !TOLD.has(name));
  const single = entries.filter(([, value]) => value === null || ["number", "string"].includes(typeof value));
  const lists = entries.filter(([, value]) => Array.isArray(value) && value.length);
  const objects = entries.filter(([, value]) => value && typeof value === "object" && !Array.isArray(value));
  const isCash = (name) => /pnl|value|cash|margin|liquidation|equity|dollars/.test(name) && !/pct|ratio|usage/.test(name);
  return [
    facts(single.filter(([, value]) => typeof value !== "string").map(([name, value]) =>
      [words(name), isCash(name) ? (name.includes("pnl") ? signed(value) : cash(value)) : plain(value), name.includes("pnl") ? side(value) : ""])),
    ...objects.map(([name, value]) => folded(words(name), facts(Object.entries(value).map(([inner, each]) => [words(inner), plain(each)])))),
    ...lists.map(([name, value]) => (typeof value[0] === "object" ? anyTable(words(name), value) : made("p", {}, `${words(name)}: ${value.map(plain).join(", ")}`))),
    ...single.filter(([, value]) => typeof value === "string" && value).map(([name, value]) => made("p", { class: "quiet" }, `${words(name)}: ${value}`)),
  ];
}

host.start("sumppump-portfolio", (result) => {
  const { answer, text, isError } = answerOf(result);
  if (!answer || isError) return textOnly(text, isError);
  const held = answer.positions ?? [];
  shown(
    heading(answer, "Portfolio"),
    made("p", { class: "summary" }, answer.summary ?? ""),
    warnings(answer),
    heatStrip(held),
    table("Positions", HELD, held, below),
    ...rest(answer),
    made("footer", {}, "This view only shows. Orders are proposed in the chat and approved by the person, outside of it."));
});
