// What moves, crashes and time would make of what is held, what margin it binds, and who may be assigned.
const TOTALS = [
  ["delta", "delta_dollars", "$ of stock"], ["beta-weighted", "beta_weighted_dollars", "$ of the benchmark"], ["gamma", "gamma_1pct", "$ of delta per 1 %"],
  ["theta", "theta", "$ a day"], ["vega", "vega", "$ a vol point"], ["rho", "rho", "$ per 1 % of rate"],
];
const totals = (sums, error) => facts(TOTALS.filter(([, key]) => key in sums).map(([name, key, unit]) =>
  [name, dollars(sums[key]), "", key === "beta_weighted_dollars" && isNumber(error) ? `${unit}, ± ${figure(error, 0)}` : unit]));

const GREEKS = [
  column("underlying", (row) => row.symbol), number("price", "price"), number("delta, shares", "delta"), column("delta $", (row) => row.delta_dollars, dollars),
  column("gamma $ per 1 %", (row) => row.gamma_1pct, dollars), number("theta $/day", "theta"), number("vega $/pt", "vega"),
  column("beta", (row) => row.beta, (value) => figure(value)), column("± ", (row) => row.beta_error, (value) => figure(value, 3)),
];

const inDays = (days) => `after ${plain(days)} day${days === 1 ? "" : "s"}`;
const byPoints = (points) => `volatility ${perCent(points).replace(" %", "")} points`;
// One row a date and change of volatility, where more was asked than the scenarios' own columns show.
const planesOf = (answer) => (answer.grid ?? []).filter((plane) => plane.days || plane.iv_change).map((plane) => ({
  name: ["all", plane.days ? inDays(plane.days) : "now", plane.iv_change ? byPoints(plane.iv_change) : ""].filter(Boolean).join(", "),
  of: (row) => plane.pnl[answer.scenarios.indexOf(row)],
}));

function greeksView(answer) {
  const scenarios = answer.scenarios;
  const symbols = [...new Set(scenarios.flatMap((row) => row.parts.map((each) => each.symbol)))];
  const planes = planesOf(answer);
  const rows = [
    { name: "all, now", of: (row) => row.pnl },
    ...(planes.length ? planes : [{ name: `all, ${inDays(answer.decay?.days)}`, of: (row) => row.pnl_after_days }]),
    ...symbols.map((symbol) => ({ name: symbol, of: (row) => row.parts.find((each) => each.symbol === symbol)?.pnl ?? null })),
  ].filter((row) => scenarios.some((each) => isNumber(row.of(each))));
  const score = answer.risk_score ?? {};
  return [
    totals(answer.totals ?? {}, answer.totals?.beta_weighted_error),
    heatTable(`Profit or loss in $ if ${answer.benchmark} moves, each underlying by its beta, ${plain(answer.smile).replace("_", " ")}`, `move of ${answer.benchmark}`, scenarios, rows, scenarios.findIndex((row) => row.move_pct === 0)),
    table("By underlying", GREEKS, answer.by_underlying ?? []),
    anyTable("Each strategy and leg", answer.individual ?? []),
    score.level == null ? null : facts([["risk", plain(score.level), "", [`score ${plain(score.score)}`, ...(score.reasons ?? [])].join("; ")]]),
    leftOut(answer),
    folded("How these figures come about", (answer.method ?? []).map((line) => made("p", {}, line)), made("p", {}, answer.units ?? ""), made("p", {}, score.rule ?? "")),
  ];
}

function riskView(answer) {
  const tails = (answer.var ?? []).map((row, place) => ({ ...row, shortfall: answer.expected_shortfall?.[place] ?? {} }));
  const held = (title, rows) => bars(title, (rows ?? []).map((row) => ({ name: row.name, value: row.share, said: part(row.share), plain: true, note: `${dollars(row.delta_dollars)} delta` })), 1);
  const moved = (row) => [isNumber(row.market_pct) && row.market_pct ? `market ${perCent(row.market_pct)}` : "", isNumber(row.vol_points) && row.vol_points ? `vol ${perCent(row.vol_points).replace(" %", "")}` : ""].filter(Boolean).join(", ");
  return [
    table("Value at risk (VaR) and the mean loss beyond it (ES), $", [
      column("confidence", (row) => row.confidence, (value) => part(value).replace(".0", "")), column("days", (row) => row.horizon_days),
      column("VaR, historical", (row) => row.historical, whole), column("VaR, Monte Carlo", (row) => row.monte_carlo, whole), column("between", (row) => `${whole(row.low)} and ${whole(row.high)}`),
      column("ES, historical", (row) => row.shortfall.historical, whole), column("ES, Monte Carlo", (row) => row.shortfall.monte_carlo, whole),
    ], tails),
    bars("Stress: profit or loss in $", (answer.stress ?? []).map((row) => ({ name: row.name, value: row.pnl, said: `${dollars(row.pnl)}${isNumber(row.pct_of_nlv) ? `  ${perCent(row.pct_of_nlv)}` : ""}`, note: /^\d/.test(row.name) ? moved(row) : "" }))),
    table("The smallest move that costs a limit", [
      column("limit", (row) => row.limit), column("loss", (row) => row.loss, whole), column("fall", (row) => row.down_pct, perCent), column("rise", (row) => row.up_pct, perCent),
      column("fall, VIX along", (row) => row.down_pct_vix, perCent), column("rise, VIX along", (row) => row.up_pct_vix, perCent), column("note", (row) => row.note),
    ], answer.reverse_stress ?? []),
    held("By underlying: share of delta dollars", answer.by_underlying), held("By sector", answer.by_sector), held("By expiry", answer.by_expiry),
    isNumber(answer.herfindahl) ? facts([["concentration", figure(answer.herfindahl), "", "Herfindahl: 1 is all in one underlying"]]) : null,
    anyTable("Correlation of daily returns", answer.correlation ?? []),
    answer.correlation_note ? made("p", { class: "quiet" }, answer.correlation_note) : null,
    leftOut(answer),
    folded("How these figures come about", (answer.method ?? []).map((line) => made("p", {}, line)), made("p", {}, answer.units ?? "")),
  ];
}

function marginView(answer) {
  const need = (rows) => table("", [column("positions", (row) => row.legs), column("rule", (row) => row.rule), money("initial", "initial"), money("maintenance", "maintenance")], rows);
  return [
    facts([
      ["level", plain(answer.level)], ["net liquidation", cash(answer.net_liquidation)], ["excess liquidity", cash(answer.excess_liquidity)],
      ["maintenance margin", cash(answer.maintenance_margin)], ["initial margin", cash(answer.initial_margin)], ["cushion", part(answer.cushion)],
    ]),
    bars("Of net liquidation", [{ name: "bound by maintenance margin", value: answer.margin_usage, said: part(answer.margin_usage), plain: true }, { name: "excess liquidity", value: answer.cushion, said: part(answer.cushion), plain: true }], 1),
    table("Regulation T by our own table", [column("underlying", (row) => row.symbol), money("initial", "initial"), money("maintenance", "maintenance")], answer.reg_t?.underlyings ?? [], (row) => need(row.parts ?? [])),
    answer.reg_t ? facts([["estimate, maintenance", cash(answer.reg_t.maintenance)], ["broker less estimate", dollars(answer.reg_t.difference), "", (answer.reg_t.notes ?? []).join("; ")]]) : null,
    table("How far a margin call is", [
      column("what moves", (row) => row.what), column("fall", (row) => row.down_pct, perCent), column("profit or loss there", (row) => row.down_pnl, dollars, side),
      column("rise", (row) => row.up_pct, perCent), column("profit or loss there ", (row) => row.up_pnl, dollars, side), column("why none", (row) => (row.reasons ?? []).join("; ")),
    ], answer.margin_call_distance ?? []),
    answer.no_distance ? made("p", { class: "quiet" }, answer.no_distance) : null,
    leftOut(answer),
    folded("How these figures come about", made("p", {}, answer.level_rule ?? ""), made("p", {}, answer.distance_basis ?? ""), anyTable("Betas", answer.betas ?? [])),
  ];
}

function assignmentView(answer) {
  const dividend = (row) => (row.dividend ? `${figure(row.dividend.amount)} on ${row.dividend.ex_date}${row.dividend.exceeds_extrinsic ? ", exceeds extrinsic" : ""}` : "none");
  return [
    bars("Chance of early exercise", answer.short_options.map((row) => ({ name: row.label, value: row.early_exercise_probability, said: part(row.early_exercise_probability), plain: true, note: row.level })), 1),
    table("Written options", [
      column("contract", (row) => row.label), column("held", (row) => row.quantity), column("level", (row) => row.level), number("underlying", "underlying_price"),
      number("in the money", "in_the_money"), number("extrinsic", "extrinsic"), column("next dividend", dividend), column("settlement", (row) => row.settlement),
    ], answer.short_options, (row) => made("ul", {}, [...(row.reasons ?? []), row.early_exercise_note, row.no_dividend, `last trade ${row.last_trade}`,
      isNumber(row.pin_reach) ? `pins within ${figure(row.pin_reach)} of the strike` : ""].filter(Boolean).map((line) => made("li", {}, line)))),
    table("On expiry day, as prices stand", [
      column("underlying", (row) => row.symbol), column("expiry", (row) => row.expiry), column("shares", (row) => row.shares), column("cash", (row) => row.cash, dollars, side),
      column("assigned", (row) => (row.assigned ?? []).join(", ")), column("exercised", (row) => (row.exercised ?? []).join(", ")), column("not known", (row) => (row.unknown ?? []).join(", ")), column("settlement", (row) => row.settlement),
    ], answer.expiry_days ?? []),
    leftOut(answer),
    folded("How these figures come about", made("p", {}, answer.level_rule ?? ""), made("p", {}, answer.early_exercise_rule ?? ""), made("p", {}, plain(answer.carry ?? ""))),
  ];
}
