// What the account was worth on the days on which it was seen, and what was closed.
function equityLine(days) {
  if (!Array.isArray(days) || days.length < 2) return null;
  const wide = Math.max(320, Math.min(640, document.body.clientWidth - 24));
  const [tall, left, right, top, floor] = [200, 82, 40, 14, 34];
  const at = days.map(([day]) => Date.parse(day));
  const values = days.map(([, value]) => value);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const room = 0.1 * (most - least || Math.abs(most) || 1);
  const x = (when) => left + ((when - at[0]) / (at.at(-1) - at[0])) * (wide - left - right);
  const y = (value) => tall - floor - ((value - least + room) / (most - least + 2 * room)) * (tall - floor - top);
  const picture = drawn("svg", { viewBox: `0 0 ${wide} ${tall}`, role: "img", "aria-label": `Equity from ${whole(values[0])} on ${days[0][0]} to ${whole(values.at(-1))} on ${days.at(-1)[0]}` });
  for (const value of roundNumbers(least - room, most + room, 4)) picture.append(
    drawn("line", { class: "grid", x1: left, x2: wide - right, y1: y(value), y2: y(value) }),
    drawn("text", { class: "tick", x: left - 6, y: y(value) + 4, "text-anchor": "end" }, whole(value)));
  for (const place of [0, days.length - 1]) picture.append(drawn("text", { class: "tick", x: x(at[place]), y: tall - 16, "text-anchor": "middle" }, days[place][0]));
  picture.append(drawn("polyline", { class: "worth", points: days.map((_, place) => `${x(at[place]).toFixed(1)},${y(values[place]).toFixed(1)}`).join(" ") }));
  for (const place of days.keys()) picture.append(drawn("circle", { class: "gain", cx: x(at[place]), cy: y(values[place]), r: 2.6 }));
  return made("section", {}, made("h2", {}, "Equity in $, a dot for each day on which it was seen"), made("figure", {}, picture));
}

function historyView(answer, extra) {
  const { statistics = {}, equity = null } = answer;
  return [
    facts([
      ["result", signed(statistics.total_pnl), side(statistics.total_pnl), statistics.currency ?? ""], ["trades", plain(statistics.trades), "", `${plain(statistics.wins)} won, ${plain(statistics.losses)} lost`],
      ["win rate", part(statistics.win_rate)], ["profit factor", figure(statistics.profit_factor)], ["average win", signed(statistics.average_win), "gain"], ["average loss", signed(statistics.average_loss), "loss"],
      ["best", plain(statistics.best)], ["worst", plain(statistics.worst)], ["without a result", plain(statistics.without_result)],
    ]),
    equityLine(extra.equity_days),
    equity ? facts([["equity, last seen", cash(equity.last), "", equity.currency ?? ""], ["greatest drawdown", perCent(equity.drawdown_pct), side(equity.drawdown_pct)], ["days seen", plain(equity.days_seen), "", equity.note ?? ""]]) : null,
    table("Closed trades", [
      column("closed", (row) => row.closed?.slice(0, 16).replace("T", " ")), column("underlying", (row) => row.symbol), column("trade", (row) => row.title), column("result", (row) => row.pnl, signed, side),
      number("entry, per share", "entry_premium"), number("exit, per share", "exit_premium"), column("still held", (row) => row.still_held), column("why no result", (row) => row.why_no_pnl),
    ], answer.trades ?? []),
    folded("Executions of today", anyTable("", answer.executions ?? [])),
    made("p", { class: "quiet" }, answer.knows ?? ""),
  ];
}
