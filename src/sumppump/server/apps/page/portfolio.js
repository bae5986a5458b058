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
const TOLD = new Set(["summary", "warnings", "as_of", "environment", "data_quality", "read_as", "next_steps", "chart", "count", "next_cursor", "status"]);
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

const MADE = ["time", "spot", "volatility", "dividends", "carry", "unmodelled", "trades"];

// Signed as they went into the day: fees were paid.
function dayBars(day) {
  if (!day) return null;
  const rows = [...MADE.map((name) => [name, day[name]]), ["fees", isNumber(day.fees) ? -day.fees : null], ["total", day.total]];
  return bars(`What made the day, $, since ${day.since}`, rows.map(([name, value]) => ({ name, value, said: signed(value) })));
}

function summaryView(answer) {
  const { value = null, pnl = {}, greeks = null, expiries = [], positions: held = {} } = answer;
  return [
    facts([
      ["net liquidation", cash(value?.net_liquidation)], ["today", signed(pnl.day), side(pnl.day), isNumber(pnl.day_pct) ? perCent(pnl.day_pct) : ""],
      ["open", signed(pnl.unrealized), side(pnl.unrealized)], ["realised today", signed(pnl.realized_today), side(pnl.realized_today)], ["cash", cash(value?.cash)],
      ["buying power", cash(value?.buying_power)], ["excess liquidity", cash(value?.excess_liquidity)], ["cushion", part(value?.cushion)],
    ]),
    heatStrip(answer.underlyings ?? []),
    dayBars(answer.day),
    greeks ? made("section", {}, made("h2", {}, `Greeks, benchmark ${greeks.benchmark}`), totals(greeks, greeks.beta_weighted_error)) : null,
    table("By underlying", [
      column("underlying", (row) => row.symbol), column("positions", (row) => row.positions), column("profit or loss", (row) => row.unrealized_pnl, signed, side), money("gross value", "gross_value"),
      column("share", (row) => row.share_of_gross, part), column("max loss", (row) => (row.unlimited_loss ? "unlimited" : row.max_loss), (value) => (isNumber(value) ? cash(value) : plain(value))),
      column("delta $", (row) => row.delta_dollars, dollars), number("theta $/day", "theta"), number("vega $/pt", "vega"), number("beta", "beta"),
    ], answer.underlyings ?? []),
    bars("By expiry: share of gross value", expiries.map((row) => ({ name: `${row.expiry}, ${row.dte} days`, value: row.share_of_gross, said: part(row.share_of_gross), plain: true, note: `${row.contracts} contracts, ${row.short_contracts} short` })), 1),
    made("p", { class: "quiet" }, Object.entries(held).map(([name, count]) => `${words(name)} ${plain(count)}`).join(", ")),
    anyTable("States of trades", answer.session_state ?? []),
    answer.closed_today ? facts(Object.entries(answer.closed_today).map(fact)) : null,
    leftOut(answer),
    folded("How these figures come about", made("p", {}, answer.greek_units ?? ""), made("p", {}, answer.beta_note ?? ""), made("p", {}, answer.day_note ?? "")),
  ];
}

const VIEWS = [
  { title: "Positions", is: (answer) => Array.isArray(answer.positions), keys: ["positions"],
    of: (answer) => [heatStrip(answer.positions), table("Positions", HELD, answer.positions, below)] },
  { title: "Greeks", is: (answer) => Array.isArray(answer.scenarios), of: greeksView,
    keys: ["totals", "scenarios", "grid", "smile", "by_underlying", "individual", "individual_count", "decay", "volatility", "risk_score", "method", "units", "left_out", "benchmark", "net_liquidation"] },
  { title: "Risk", is: (answer) => Array.isArray(answer.stress), of: riskView,
    keys: ["var", "expected_shortfall", "stress", "reverse_stress", "by_underlying", "by_sector", "by_expiry", "correlation", "correlation_note", "herfindahl", "method", "units", "left_out", "benchmark", "net_liquidation"] },
  { title: "Margin", is: (answer) => Array.isArray(answer.margin_call_distance), of: marginView,
    keys: ["level", "level_rule", "net_liquidation", "excess_liquidity", "maintenance_margin", "initial_margin", "cushion", "margin_usage", "currency", "reg_t", "margin_call_distance", "more_distances", "no_distance", "distance_basis", "betas", "no_beta", "missing"] },
  { title: "Assignment", is: (answer) => Array.isArray(answer.short_options), of: assignmentView,
    keys: ["short_options", "expiry_days", "level", "level_rule", "early_exercise_rule", "carry", "left_out"] },
  { title: "History", is: (answer) => Array.isArray(answer.trades), of: historyView,
    keys: ["statistics", "trades", "executions", "equity", "knows", "since", "audit_note"] },
  { title: "Portfolio", is: (answer) => answer.pnl && Array.isArray(answer.underlyings), of: summaryView,
    keys: ["value", "pnl", "greeks", "underlyings", "expiries", "session_state", "left_out", "positions", "closed_today", "day", "day_note", "beta_note", "greek_units"] },
];

host.start("sumppump-portfolio", (result) => {
  const { answer, text, isError, extra } = answerOf(result);
  if (!answer || isError) return textOnly(text, isError);
  const view = VIEWS.find((each) => each.is(answer)) ?? { title: "Portfolio", keys: [], of: () => [] };
  const told = new Set([...TOLD, ...view.keys]);
  shown(
    heading(answer, view.title),
    made("p", { class: "summary" }, answer.summary ?? ""),
    warnings(answer),
    ...view.of(answer, extra),
    ...rest(Object.fromEntries(Object.entries(answer).filter(([name]) => !told.has(name)))),
    made("footer", {}, "This view only shows. Orders are proposed in the chat and approved by the person, outside of it."));
});
