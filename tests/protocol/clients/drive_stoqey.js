// Runs with @stoqey/ib 1.6: the day of day.py, as JSON on stdout.
//
//     node drive_stoqey.js PORT DAY.json
const fs = require("fs");
const ib_ = require("@stoqey/ib");
const { IBApi, EventName, SecType, OptionType, OrderAction, ConjunctionConnection } = ib_;

const WAIT_MS = 12000;
const PACE_MS = 25; // it does not keep to 50 messages a second by itself
const AND = ConjunctionConnection.AND;
const plan = JSON.parse(fs.readFileSync(process.argv[3], "utf-8"));
let ib, step;
let seen = {};
let waiters = [];
const codes = [];

function note(name, args) {
  (seen[name] = seen[name] || []).push(args);
  wake();
}

function wake() {
  for (const waiter of [...waiters]) waiter();
}

function open() {
  ib = new IBApi({ host: "127.0.0.1", port: Number(process.argv[2]), clientId: 23 });
  seen = {};
  for (const name of Object.values(EventName)) {
    if (name !== EventName.all && name !== EventName.error) ib.on(name, (...args) => note(name, args));
  }
  ib.on(EventName.error, (error, code) => {
    codes.push([step, code, String(error.message)]);
    wake();
  });
}

function until(holds) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`${step}: ${JSON.stringify(codes.slice(-3))}`)), WAIT_MS);
    const check = () => {
      const found = holds();
      if (!found) return;
      clearTimeout(timer);
      waiters = waiters.filter((one) => one !== check);
      resolve(found);
    };
    waiters.push(check);
    check();
  });
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const rows = (name, id) => (seen[name] || []).filter((row) => id === undefined || row[0] === id);
const told = () => codes.some(([at]) => at === step);
const failed = (before) => codes.slice(before).some(([, code]) => !plan.notices.includes(code));
const round = (price) => Math.round(price * 100) / 100;
const contract = (fields) => ({ exchange: "SMART", currency: "USD", ...fields });
const anOrder = (fields) => ({
  action: OrderAction.BUY, totalQuantity: 1, tif: "DAY", transmit: true, ...fields,
});

let reqId = 1000;
let orderId = 0;
let last, stock, option, higher;

async function ask(request, args, end) {
  const id = ++reqId;
  const before = codes.length;
  ib[request](id, ...args);
  await until(() => rows(end, id).length || failed(before));
  return rows(end, id);
}

async function plain(request, args, end) {
  const before = rows(end).length;
  ib[request](...args);
  await until(() => rows(end).length > before);
  return rows(end).slice(before);
}

async function details(wanted) {
  await ask("reqContractDetails", [wanted], EventName.contractDetailsEnd);
  return rows(EventName.contractDetails, reqId).map((row) => row[1]);
}

async function bars(duration, size, show) {
  const id = ++reqId;
  const before = codes.length;
  ib.reqHistoricalData(id, stock, "", duration, size, show, 1, 1, false);
  const finished = (row) => String(row[1]).startsWith("finished");
  await until(() => rows(EventName.historicalData, id).some(finished) || failed(before));
  return rows(EventName.historicalData, id).filter((row) => !finished(row));
}

async function quoted(wanted, snapshot) {
  const id = ++reqId;
  ib.reqMktData(id, wanted, snapshot ? "" : "233,221,106", snapshot, false);
  const prices = () => Object.fromEntries(rows(EventName.tickPrice, id).map((row) => [row[1], row[2]]));
  if (snapshot) {
    await until(() => rows(EventName.tickSnapshotEnd, id).length);
  } else {
    await until(() => prices()[1] && prices()[2]);
    const before = rows(EventName.tickPrice, id).length;
    await until(() => rows(EventName.tickPrice, id).length > before);
    ib.cancelMktData(id);
  }
  return prices();
}

async function place(wanted, order) {
  const id = orderId++;
  await pause(PACE_MS);
  ib.placeOrder(id, wanted, order);
  return id;
}

const status = (id) => (rows(EventName.orderStatus, id).pop() || [])[1];

async function untilStatus(id, wanted) {
  await until(() => wanted.includes(status(id)));
  return status(id);
}

async function cancel(id) {
  await pause(PACE_MS);
  ib.cancelOrder(id);
  return untilStatus(id, ["Cancelled"]);
}

async function whatIf(wanted, fields) {
  const id = await place(wanted, anOrder({ ...fields, whatIf: true }));
  const states = () => rows(EventName.openOrder, id).map((row) => row[3]);
  return until(() => states().find((one) => one.commission < 100));
}

const conditions = {
  price: () => new ib_.PriceCondition(last * 2, 0, stock.conId, "SMART", true, AND),
  time: () => new ib_.TimeCondition("20301201-18:00:00", true, AND),
  margin: () => new ib_.MarginCondition(1, false, AND),
  execution: () => new ib_.ExecutionCondition("SMART", SecType.STK, "KO", AND),
  volume: () => new ib_.VolumeCondition(2000000000, stock.conId, "SMART", true, AND),
  percent: () => new ib_.PercentChangeCondition(80, stock.conId, "SMART", true, AND),
};

async function oneOrder(row) {
  const prices = Object.fromEntries(
    Object.entries(row.prices).map(([name, times]) => [name, round(last * times)]),
  );
  const order = anOrder({ ...row.fields, ...prices });
  if (row.conditions.length) order.conditions = row.conditions.map((kind) => conditions[kind]());
  const id = await place(stock, order);
  try {
    await untilStatus(id, row.ends);
  } catch (error) {
    return `${status(id)} ${error}`;
  }
  const found = status(id);
  if (plan.working.includes(found)) await cancel(id);
  return found;
}

const steps = {
  async connect() {
    open();
    ib.connect();
    await until(() => rows(EventName.nextValidId).length && rows(EventName.managedAccounts).length);
    orderId = Math.max(orderId, rows(EventName.nextValidId)[0][0]);
    return { version: ib.serverVersion, accounts: rows(EventName.managedAccounts)[0][0].split(",") };
  },
  async current_time() {
    return (await plain("reqCurrentTime", [], EventName.currentTime))[0][0];
  },
  async lookup() {
    const [found] = await details(contract({ symbol: "SPY", secType: SecType.STK }));
    stock = { ...found.contract, exchange: "SMART" };
    return found.longName;
  },
  async lookup_by_kind() {
    const found = {};
    for (const row of plan.contracts) found[row.name] = (await details(contract(row.fields))).length;
    return found;
  },
  async lookup_of_nothing() {
    return (await details(contract({ symbol: "NOPENOPE", secType: SecType.STK }))).length;
  },
  async matching_symbols() {
    const [[, found]] = await ask("reqMatchingSymbols", ["spy"], EventName.symbolSamples);
    return found.map((one) => one.contract.symbol);
  },
  async chain() {
    const day = await bars("1 D", "1 hour", "TRADES");
    last = day[day.length - 1][5];
    const end = EventName.securityDefinitionOptionParameterEnd;
    await ask("reqSecDefOptParams", ["SPY", "", SecType.STK, stock.conId], end);
    const smart = rows(EventName.securityDefinitionOptionParameter, reqId).find((row) => row[1] === "SMART");
    const near = [...smart[6]].sort((a, b) => Math.abs(a - last) - Math.abs(b - last)).slice(0, 6);
    const expiry = [...smart[5]].sort()[4];
    const options = [];
    for (const strike of near.sort((a, b) => a - b)) {
      const fields = { symbol: "SPY", secType: SecType.OPT, lastTradeDateOrContractMonth: expiry, strike };
      const [found] = await details(contract({ ...fields, right: OptionType.Call }));
      if (found) options.push({ ...found.contract, exchange: "SMART" });
    }
    [option, higher] = [options[0], options[options.length - 1]];
    return { expirations: smart[5].length, strikes: smart[6].length };
  },
  async market_rule() {
    return (await plain("reqMarketRule", [26], EventName.marketRule))[0][1].map((row) => row.increment);
  },
  async stream() {
    const prices = await quoted(stock, false);
    return [prices[1], prices[2]];
  },
  async option_quote() {
    const prices = await quoted(option, true);
    const model = rows(EventName.tickOptionComputation, reqId).find((row) => row[1] === 13);
    return { bid: prices[1], ask: prices[2], delta: model[4] };
  },
  async delayed() {
    ib.reqMarketDataType(3);
    const prices = await quoted(stock, true);
    ib.reqMarketDataType(1);
    return prices[4] || prices[68];
  },
  async tick_by_tick() {
    const found = await ask("reqTickByTickData", [stock, "Last", 0, false], EventName.tickByTickAllLast);
    ib.cancelTickByTickData(reqId);
    return found.length > 0;
  },
  async depth() {
    const id = ++reqId;
    const before = codes.length;
    ib.reqMktDepth(id, stock, 5, true);
    const best = (side) => rows(EventName.updateMktDepthL2, id).filter((row) => row[4] === side);
    await until(() => (best(0).length && best(1).length) || failed(before));
    ib.cancelMktDepth(id, true);
    return [best(1)[0][5], best(0)[0][5]];
  },
  async depth_exchanges() {
    return (await plain("reqMktDepthExchanges", [], EventName.mktDepthExchanges))[0][0].length;
  },
  async real_time_bars() {
    const found = await ask("reqRealTimeBars", [stock, 5, "TRADES", true], EventName.realtimeBar);
    ib.cancelRealTimeBars(reqId);
    return found[0][5];
  },
  async history() {
    const found = {};
    for (const { duration, size, show } of plan.histories) {
      found[`${duration} ${size} ${show}`] = (await bars(duration, size, show)).length;
    }
    return found;
  },
  async history_kept_up() {
    const wanted = [stock, "", "1 D", "1 min", "TRADES", 1, 1, true];
    const found = await ask("reqHistoricalData", wanted, EventName.historicalDataUpdate);
    ib.cancelHistoricalData(reqId);
    await until(told);
    return found.length;
  },
  async head() {
    const [[, found]] = await ask("reqHeadTimestamp", [stock, "TRADES", true, 1], EventName.headTimestamp);
    return found;
  },
  async histogram() {
    const [[, found]] = await ask("reqHistogramData", [stock, true, 3, "DAY"], EventName.histogramData);
    return found.length;
  },
  async historical_ticks() {
    const ends = {
      TRADES: EventName.historicalTicksLast,
      BID_ASK: EventName.historicalTicksBidAsk,
      MIDPOINT: EventName.historicalTicks,
    };
    const found = {};
    for (const [show, end] of Object.entries(ends)) {
      const [[, ticks]] = await ask("reqHistoricalTicks", [stock, plan.ticks_from, "", 10, show, 1, false], end);
      found[show] = ticks.length;
    }
    return found;
  },
  async scanner_parameters() {
    return (await plain("reqScannerParameters", [], EventName.scannerParameters))[0][0].slice(0, 38);
  },
  async scan() {
    const wanted = { instrument: "STK", locationCode: "STK.US.MAJOR", scanCode: ib_.ScanCode.MOST_ACTIVE };
    await ask("reqScannerSubscription", [wanted], EventName.scannerDataEnd);
    ib.cancelScannerSubscription(reqId);
    await until(told);
    return rows(EventName.scannerData, reqId).length;
  },
  async news() {
    const [[providers]] = await plain("reqNewsProviders", [], EventName.newsProviders);
    const named = providers.map((one) => one.providerCode || one.code).join("+");
    await ask("reqHistoricalNews", [stock.conId, named, "", "", 5], EventName.historicalNewsEnd);
    const [line] = rows(EventName.historicalNews, reqId);
    const article = line ? await ask("reqNewsArticle", [line[2], line[3]], EventName.newsArticle) : [];
    return { providers: providers.length, article: !line || article[0][2].length > 0 };
  },
  async calculations() {
    const end = EventName.tickOptionComputation;
    const [price] = await ask("calculateOptionPrice", [option, 0.2, last], end);
    const [vol] = await ask("calculateImpliedVolatility", [option, price[5], last], end);
    return { price: price[5], vol: vol[3] };
  },
  async what_if() {
    const limit = { orderType: "LMT", totalQuantity: 10, lmtPrice: round(last) };
    const state = await whatIf(stock, limit);
    const mmm = contract({ symbol: "MMM", secType: SecType.STK });
    const market = await whatIf(mmm, { orderType: "MKT", totalQuantity: 100 });
    const margin = Number(state.initMarginChange);
    return { margin, commission: state.commission, market: market.commission };
  },
  async no_exchange() {
    const wanted = contract({ symbol: "XXX", secType: SecType.STK, exchange: "" });
    await place(wanted, anOrder({ orderType: "MKT" }));
    await until(told);
    return codes[codes.length - 1][1];
  },
  async order_types() {
    const found = {};
    for (const row of plan.orders) found[row.name] = await oneOrder(row);
    return found;
  },
  async fill() {
    const price = round((await quoted(option, true))[2] + 0.5);
    const id = await place(option, anOrder({ orderType: "LMT", totalQuantity: 2, lmtPrice: price }));
    await untilStatus(id, ["Filled"]);
    const fills = rows(EventName.execDetails).map((row) => row[2]).filter((one) => one.orderId === id);
    const ids = fills.map((one) => one.execId);
    const reports = () =>
      rows(EventName.commissionReport).map((row) => row[0]).filter((one) => ids.includes(one.execId));
    await until(() => reports().length === ids.length);
    const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
    return {
      status: status(id),
      shares: sum(fills.map((one) => one.shares)),
      commission: sum(reports().map((one) => one.commission)),
    };
  },
  async modify() {
    const order = anOrder({ orderType: "LMT", lmtPrice: round(last * 0.8) });
    const id = await place(stock, order);
    await untilStatus(id, ["Submitted"]);
    order.lmtPrice = round(last * 0.81);
    ib.placeOrder(id, stock, order);
    await until(() => rows(EventName.openOrder, id).some((row) => row[2].lmtPrice === order.lmtPrice));
    return cancel(id);
  },
  async combo() {
    const legs = [[option, "BUY"], [higher, "SELL"]];
    const comboLegs = legs.map(([one, action]) => ({ conId: one.conId, ratio: 1, action, exchange: "SMART" }));
    const spread = contract({ symbol: "SPY", secType: SecType.BAG, comboLegs });
    const id = await place(spread, anOrder({ orderType: "LMT", lmtPrice: round(higher.strike - option.strike) }));
    await untilStatus(id, ["Filled"]);
    const kinds = () =>
      rows(EventName.execDetails).filter((row) => row[2].orderId === id).map((row) => row[1].secType).sort();
    await until(() => kinds().length >= 3);
    return { status: status(id), kinds: kinds() };
  },
  async bracket() {
    const price = round(last * 0.8);
    const parent = await place(stock, anOrder({ orderType: "LMT", lmtPrice: price, transmit: false }));
    const exit = { action: OrderAction.SELL, parentId: parent };
    const profit = { ...exit, orderType: "LMT", lmtPrice: round(price * 1.5), transmit: false };
    const loss = { ...exit, orderType: "STP", auxPrice: round(price * 0.9) };
    const family = [parent, await place(stock, anOrder(profit)), await place(stock, anOrder(loss))];
    await until(() => family.every((one) => plan.working.includes(status(one))));
    await untilStatus(parent, ["Submitted"]);
    const working = family.map(status);
    ib.cancelOrder(parent);
    await until(() => family.every((one) => status(one) === "Cancelled"));
    return { working, ended: family.map(status) };
  },
  async refused() {
    await place(stock, anOrder({ orderType: "NONSENSE", lmtPrice: 1 }));
    return until(told);
  },
  async cancel_of_nothing() {
    ib.cancelOrder(987654);
    return until(told);
  },
  async open_orders() {
    const before = rows(EventName.openOrder).length;
    await plain("reqAllOpenOrders", [], EventName.openOrderEnd);
    return rows(EventName.openOrder).length - before;
  },
  async executions() {
    await ask("reqExecutions", [{}], EventName.execDetailsEnd);
    return rows(EventName.execDetails, reqId).length;
  },
  async completed() {
    await plain("reqCompletedOrders", [false], EventName.completedOrdersEnd);
    return rows(EventName.completedOrder).length;
  },
  async account() {
    await ask("reqAccountSummary", ["All", "NetLiquidation"], EventName.accountSummaryEnd);
    ib.cancelAccountSummary(reqId);
    return Number(rows(EventName.accountSummary, reqId)[0][3]);
  },
  async positions() {
    await plain("reqPositions", [], EventName.positionEnd);
    return rows(EventName.position).filter((row) => row[2]).map((row) => [row[1].secType, row[2]]).sort();
  },
  async profit_and_loss() {
    const account = rows(EventName.managedAccounts)[0][0];
    await ask("reqPnL", [account, ""], EventName.pnl);
    ib.cancelPnL(reqId);
    const [row] = await ask("reqPnLSingle", [account, "", option.conId], EventName.pnlSingle);
    ib.cancelPnLSingle(reqId);
    return { position: row[1] };
  },
  async user_info() {
    return (await ask("reqUserInfo", [], EventName.userInfo)).length > 0;
  },
  async exercise() {
    const account = rows(EventName.managedAccounts)[0][0];
    const id = ++reqId;
    ib.exerciseOptions(id, option, 1, 1, account, 1);
    await until(() => rows(EventName.orderStatus, id).length);
    return rows(EventName.openOrder, id)[0][1].conId === option.conId;
  },
  async reconnect() {
    const id = await place(stock, anOrder({ orderType: "LMT", lmtPrice: round(last * 0.8) }));
    await untilStatus(id, ["Submitted"]);
    ib.disconnect();
    await pause(300);
    await steps.connect();
    await plain("reqOpenOrders", [], EventName.openOrderEnd);
    const found = rows(EventName.openOrder, id).length > 0;
    await cancel(id);
    await ask("reqExecutions", [{}], EventName.execDetailsEnd);
    return { found, fills: rows(EventName.execDetails).length };
  },
};

async function run() {
  const results = {};
  const absent = [];
  for (step of plan.steps) {
    if (!steps[step]) {
      absent.push(step);
      continue;
    }
    try {
      results[step] = await steps[step]();
    } catch (error) {
      results[step] = `failed: ${error}`.slice(0, 300);
    }
  }
  return { seen: results, absent, codes };
}

run().then((result) => {
  console.log(JSON.stringify(result));
  process.exit(0);
});
