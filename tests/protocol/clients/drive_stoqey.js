// Runs with @stoqey/ib 1.6: one small trading day, its results as JSON on stdout.
const { IBApi, EventName, SecType, OptionType, OrderAction, OrderType } = require("@stoqey/ib");

const WAIT_MS = 15000;
const ib = new IBApi({ host: "127.0.0.1", port: Number(process.argv[2]), clientId: 23 });
const seen = {};
const waiters = [];

function note(name, args) {
  (seen[name] = seen[name] || []).push(args);
  for (const waiter of [...waiters]) waiter();
}

for (const name of Object.values(EventName)) {
  if (name !== EventName.all && name !== EventName.error) ib.on(name, (...args) => note(name, args));
}
ib.on(EventName.error, (error, code, reqId) => note("error", [code, reqId, String(error.message)]));

function wait(name, test = () => true) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`${name}: errors ${JSON.stringify(seen.error)}, seen ${Object.keys(seen)}`)),
      WAIT_MS,
    );
    const check = () => {
      if (seen[name] && test(seen[name])) {
        clearTimeout(timer);
        waiters.splice(waiters.indexOf(check), 1);
        resolve(seen[name]);
      }
    };
    waiters.push(check);
    check();
  });
}

const statusOf = (rows, id) => (rows.filter((row) => row[0] === id).pop() || [])[1];

const order = (price) => ({
  action: OrderAction.BUY,
  totalQuantity: 1,
  orderType: OrderType.LMT,
  lmtPrice: price,
  tif: "DAY",
  transmit: true,
});

async function run() {
  ib.connect();
  const [[firstId]] = await wait(EventName.nextValidId);
  const [[accounts]] = await wait(EventName.managedAccounts);
  const result = { version: ib.serverVersion, accounts };
  ib.reqContractDetails(1, { symbol: "SPY", secType: SecType.STK, exchange: "SMART", currency: "USD" });
  await wait(EventName.contractDetailsEnd);
  const details = seen[EventName.contractDetails][0][1];
  result.long_name = details.longName;
  ib.reqSecDefOptParams(2, "SPY", "", SecType.STK, details.contract.conId);
  await wait(EventName.securityDefinitionOptionParameterEnd);
  const smart = seen[EventName.securityDefinitionOptionParameter].find((row) => row[1] === "SMART");
  const expirations = [...smart[5]].sort();
  result.expirations = expirations.length;
  const day = { ...details.contract, exchange: "SMART" };
  ib.reqHistoricalData(3, day, "", "1 D", "1 hour", "TRADES", 1, 1, false);
  await wait(EventName.historicalData, (rows) => rows.some((row) => String(row[1]).startsWith("finished")));
  const bars = seen[EventName.historicalData].filter((row) => !String(row[1]).startsWith("finished"));
  result.bars = bars.length;
  const last = bars[bars.length - 1][5];
  const strike = [...smart[6]].sort((a, b) => Math.abs(a - last) - Math.abs(b - last))[0];
  const option = {
    symbol: "SPY",
    secType: SecType.OPT,
    lastTradeDateOrContractMonth: expirations[2],
    strike,
    right: OptionType.Call,
    exchange: "SMART",
    currency: "USD",
  };
  ib.reqMktData(4, option, "", true, false);
  await wait(EventName.tickSnapshotEnd);
  const prices = Object.fromEntries(seen[EventName.tickPrice].map((row) => [row[1], row[2]]));
  result.bid_ask = [prices[1], prices[2]];
  result.delta = seen[EventName.tickOptionComputation].find((row) => row[1] === 13)[4];
  ib.placeOrder(firstId, option, order(Math.round((prices[2] + 0.5) * 100) / 100));
  await wait(EventName.orderStatus, (rows) => statusOf(rows, firstId) === "Filled");
  await wait(EventName.commissionReport);
  ib.placeOrder(firstId + 1, option, order(0.01));
  await wait(EventName.orderStatus, (rows) => statusOf(rows, firstId + 1) === "Submitted");
  ib.cancelOrder(firstId + 1);
  const rows = await wait(EventName.orderStatus, (r) => statusOf(r, firstId + 1) === "Cancelled");
  result.orders = { bought: statusOf(rows, firstId), resting: statusOf(rows, firstId + 1) };
  ib.reqPositions();
  await wait(EventName.positionEnd);
  result.positions = seen[EventName.position].map((row) => [row[1].localSymbol, row[2]]);
  ib.reqAccountSummary(6, "All", "NetLiquidation");
  await wait(EventName.accountSummaryEnd);
  result.net_liquidation = Number(seen[EventName.accountSummary][0][3]);
  ib.reqMatchingSymbols(7, "SP");
  await wait(EventName.symbolSamples);
  ib.reqCompletedOrders(false);
  await wait(EventName.completedOrdersEnd);
  result.completed = seen[EventName.completedOrder].length;
  const reports = seen[EventName.commissionReport];
  result.fills = seen[EventName.execDetails].map((row, i) => [row[2].side, row[2].shares, reports[i][0].commission]);
  await wait("error", (r) => r.some((row) => row[0] === 202));
  result.codes = [...new Set(seen.error.map((row) => row[0]))].sort((a, b) => a - b);
  return result;
}

run()
  .then((result) => {
    console.log(JSON.stringify(result));
    process.exit(0);
  })
  .catch((error) => {
    console.error(error);
    process.exit(1);
  });
