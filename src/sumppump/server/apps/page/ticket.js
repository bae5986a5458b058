// What the person is asked, or what became of it. Nothing here approves: that happens where the model cannot reach.
const WHERE = "This view cannot approve or send anything. The person approves on the page that SumpPump opened in the browser, " +
  "in a terminal with “sumppump approve”, or by typing that page's code in the chat.";

const bound = (amount, reason) => (isNumber(amount) ? cash(amount) : /^unlimited/i.test(reason ?? "") ? "unlimited" : MISSING);

function legRows(legs) {
  return table("Legs", [
    { name: "side", of: (leg) => leg.side },
    { name: "quantity", of: (leg) => leg.quantity },
    { name: "contract", of: (leg) => leg.label },
    { name: "bid", of: (leg) => leg.bid, as: (value) => figure(value) },
    { name: "ask", of: (leg) => leg.ask, as: (value) => figure(value) },
    { name: "IV", of: (leg) => leg.iv, as: percent },
    { name: "delta", of: (leg) => leg.delta, as: (value) => figure(value, 3) },
  ], legs);
}

function stressRows(answer) {
  const rows = answer.stress ?? [];
  if (!rows.length) return answer.stress_reason ? made("p", { class: "quiet" }, `Stress of the account: ${answer.stress_reason}`) : null;
  const money = (value) => (isNumber(value) ? signed(Math.round(value)).replace(/\.00$/, "") : MISSING);
  return made("section", {}, table("Profit or loss of the whole account if all prices, or all volatilities, move so", [
    { name: "move", of: (row) => row.name },
    { name: "as held now", of: (row) => row.held, as: money, tone: side },
    { name: "with this order", of: (row) => row.with_order, as: money, tone: side },
  ], rows), answer.stress_note ? made("p", { class: "quiet" }, answer.stress_note) : null);
}

function ticketView(answer, extra) {
  const margin = answer.margin;
  // An order that leaves or guards a position risks nothing of its own; what it makes of it stands below.
  const opens = isNumber(answer.max_loss) || isNumber(answer.max_profit) || /^unlimited/i.test(answer.max_loss_reason ?? "") || (answer.breakevens ?? []).length > 0;
  shown(
    heading(answer, words(answer.status ?? answer.state ?? "")),
    made("p", { class: "summary" }, answer.summary ?? ""),
    answer.cash_words ? made("p", { class: "cash" }, answer.cash_words) : null,
    answer.price_words ? made("p", { class: "quiet" }, answer.price_words) : null,
    warnings(answer),
    answer.account_warning ? made("p", { class: "warnings" }, answer.account_warning) : null,
    "max_loss" in answer ? facts([
      ...(opens ? [["max loss", bound(answer.max_loss, answer.max_loss_reason), "loss", answer.max_loss_reason],
      ["max profit", bound(answer.max_profit, answer.max_profit_reason), "gain", answer.max_profit_reason],
      ["breakeven", (answer.breakevens ?? []).map((each) => figure(each)).join(" and ") || MISSING],
      ["probability of profit", percent(answer.probability_of_profit), "", answer.probability_reason]] : []),
      ["change of margin", margin ? signed(margin.initial_change) : MISSING, "", answer.margin_reason],
      ["fees", cash(answer.fees), "", answer.fees_note],
    ]) : null,
    "filled" in answer ? facts([
      ["filled", `${plain(answer.filled)} of ${plain(answer.quantity)}`],
      ["price of the fill", figure(answer.avg_fill_price)],
      ["limit", figure(answer.limit_price)],
      ["commission", cash(answer.commission)],
      ["result after fees", signed(answer.result_after_fees), side(answer.result_after_fees)],
    ]) : null,
    payoff(extra.payoff, answer, extra.earlier ?? []),
    table("What leaving makes of the position, before fees", [
      { name: "price", of: (row) => row.at }, { name: "per share, signed", of: (row) => row.price, as: (value) => figure(value) },
      { name: "result", of: (row) => row.result, as: signed, tone: side }, { name: "of the entry", of: (row) => row.percent, as: (value) => (isNumber(value) ? `${figure(value, 1)} %` : MISSING) },
    ], answer.exits ?? []),
    stressRows(answer),
    legRows(answer.legs ?? []),
    anyTable("Orders of this ticket", answer.orders ?? []),
    answer.order ? folded("What became of it", made("p", {}, plain(answer.order.evidence ?? "")), anyTable("", [answer.order])) : null,
    anyTable("Fills", answer.fills ?? []),
    anyTable("Orders with it", answer.children ?? []),
    folded("Greeks and margin",
      answer.greeks ? made("p", {}, `Greeks of the order: ${plain(answer.greeks)}`) : null,
      margin ? made("p", {}, `Margin: ${plain(margin)}`) : null,
      answer.margin_by_rule ? made("p", {}, `Margin by Reg T: ${plain(answer.margin_by_rule)}`) : null),
    (answer.events ?? []).length ? made("p", { class: "quiet" }, `In its life: ${answer.events.join("; ")}`) : null,
    (answer.changes ?? []).length ? made("ul", {}, answer.changes.map((line) => made("li", {}, line))) : null,
    made("footer", {}, made("strong", {}, isNumber(answer.seconds_left) ? WHERE : "This view only shows."),
      isNumber(answer.seconds_left) ? made("span", {}, ` The ticket was good for ${Math.round(answer.seconds_left)} s when this was written.`) : null));
}

host.start("sumppump-ticket", (result) => {
  const { answer, text, isError, extra } = answerOf(result);
  if (!answer) return textOnly(text, isError);
  if (isError) return textOnly(text, true);
  ticketView(answer, extra);
});
