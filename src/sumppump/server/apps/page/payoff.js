// The payoff at expiry: given points joined by straight lines, with what the pointer or the arrow keys stand on.
// `earlier` are curves before it, each a label and its points; they differ by their dashes.
function payoff(points, answer, earlier = []) {
  if (!Array.isArray(points) || points.length < 2) return null;
  const wide = Math.max(320, Math.min(640, document.body.clientWidth - 24)); // letters keep their size
  const [tall, left, right, top, floor] = [250, 74, 14, 26, 34];
  const prices = points.map((point) => point[0]);
  const pnl = points.map((point) => point[1]);
  const [low, high] = [prices[0], prices.at(-1)];
  const before = earlier.flatMap(([, shape]) => shape.map((point) => point[1]));
  const least = Math.min(0, ...pnl, ...before);
  const most = Math.max(0, ...pnl, ...before);
  const room = 0.12 * (most - least || 1);
  const x = (price) => left + ((price - low) / (high - low)) * (wide - left - right);
  const y = (value) => tall - floor - ((value - least + room) / (most - least + 2 * room)) * (tall - floor - top);
  const inside = (price) => isNumber(price) && price >= low && price <= high;
  const at = (price) => {
    const next = Math.max(1, prices.findIndex((each) => each >= price));
    const part = (price - prices[next - 1]) / (prices[next] - prices[next - 1] || 1);
    return pnl[next - 1] + part * (pnl[next] - pnl[next - 1]);
  };
  const full = points.flatMap(([price, value], place) => {
    const before = points[place - 1];
    if (!before || before[1] * value >= 0) return [[price, value]];
    return [[before[0] + ((price - before[0]) * before[1]) / (before[1] - value), 0], [price, value]];
  });
  const path = (shape) => shape.map(([price, value]) => `${x(price).toFixed(1)},${y(value).toFixed(1)}`).join(" ");

  const picture = drawn("svg", { viewBox: `0 0 ${wide} ${tall}`, role: "img", tabindex: "0",
    "aria-label": `Payoff at expiry from ${figure(low)} to ${figure(high)}; left and right keys move along it` });
  const zero = y(0);
  picture.append(drawn("line", { class: "zero", x1: left, x2: wide - right, y1: zero, y2: zero }));
  for (const [name, keep] of [["gain", (value) => Math.max(0, value)], ["loss", (value) => Math.min(0, value)]]) {
    const shape = [[low, 0], ...full.map(([price, value]) => [price, keep(value)]), [high, 0]];
    picture.append(drawn("polygon", { class: `area ${name}`, points: path(shape) }));
  }
  for (let place = 1; place < full.length; place++) {
    const run = [full[place - 1], full[place]];
    picture.append(drawn("polyline", { class: `curve ${run[0][1] + run[1][1] >= 0 ? "gain" : "loss"}`, points: path(run) }));
  }
  earlier.forEach(([, shape], place) => picture.append(drawn("polyline", { class: `earlier dash-${place}`, points: path(shape) })));
  for (const value of [...new Set([Math.min(0, ...pnl), 0, Math.max(0, ...pnl)])])
    picture.append(drawn("text", { class: "tick", x: left - 6, y: y(value) + 4, "text-anchor": "end" }, value === 0 ? "$0" : `${value > 0 ? "+" : "−"}$${Math.abs(value).toLocaleString("en-US", { maximumFractionDigits: 0 })}`));
  for (const price of roundNumbers(low, high, wide < 480 ? 4 : 7))
    picture.append(drawn("text", { class: "tick", x: Math.min(x(price), wide - 22), y: tall - 18, "text-anchor": "middle" }, figure(price).replace(/\.00$/, "")));
  picture.append(drawn("text", { class: "tick", x: (left + wide - right) / 2, y: tall - 4, "text-anchor": "middle" }, "price of the underlying in $; profit or loss in $"));
  for (const price of (answer.breakevens ?? []).filter(inside))
    picture.append(drawn("circle", { cx: x(price), cy: zero, r: 4 }), drawn("text", { class: "mark", x: x(price) + 6, y: zero - 6 }, figure(price)));
  if (inside(answer.spot)) {
    picture.append(drawn("line", { class: "now", x1: x(answer.spot), x2: x(answer.spot), y1: top - 6, y2: tall - floor }));
    const anchor = x(answer.spot) > wide - 90 ? "end" : x(answer.spot) < left + 40 ? "start" : "middle";
    picture.append(drawn("text", { class: "mark", x: x(answer.spot), y: top - 11, "text-anchor": anchor }, `now ${figure(answer.spot)}`));
  }

  const cursor = drawn("line", { class: "cursor", y1: top, y2: tall - floor, visibility: "hidden" });
  const dot = drawn("circle", { class: "cursor", r: 4.5, visibility: "hidden" });
  const said = made("output", {}, "Point at the picture to read it.");
  picture.append(cursor, dot);
  let stands = inside(answer.spot) ? answer.spot : (low + high) / 2;
  function stand(price) {
    stands = Math.min(high, Math.max(low, price));
    const value = at(stands);
    for (const [name, place] of [["x1", x(stands)], ["x2", x(stands)]]) cursor.setAttribute(name, place);
    dot.setAttribute("cx", x(stands));
    dot.setAttribute("cy", y(value));
    for (const node of [cursor, dot]) node.setAttribute("visibility", "visible");
    said.textContent = `At ${figure(stands)} at expiry: ${value < 0 ? "loss" : "profit"} of ${cash(Math.abs(value))}`;
    said.className = side(value);
  }
  picture.addEventListener("pointermove", (event) => {
    const box = picture.getBoundingClientRect();
    stand(low + ((((event.clientX - box.left) / box.width) * wide - left) / (wide - left - right)) * (high - low));
  });
  picture.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    stand(stands + (step * (high - low)) / 100);
  });
  const dashes = ["dotted", "dashed"];
  const names = ["solid: at expiry", ...earlier.map(([name], place) => `${dashes[place % 2]}: ${name}`)].join(" · ");
  return made("figure", {}, picture, made("div", { class: "quiet" }, names), made("figcaption", {}, said));
}
