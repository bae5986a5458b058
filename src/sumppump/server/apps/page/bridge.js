// The host's side of the page: a handshake, then figures come in. The page asks the host for nothing else:
// it has no way to call a tool, to send a message or to open a link.
const host = (() => {
  const heard = {};
  const post = (message) => parent.postMessage({ jsonrpc: "2.0", ...message }, "*");
  const answered = new Set(["ping", "ui/resource-teardown"]);
  let sayHeight = () => {};

  addEventListener("message", (event) => {
    const message = event.data;
    if (event.source !== parent || !message || message.jsonrpc !== "2.0") return;
    if (message.method && message.id !== undefined) {
      post(answered.has(message.method)
        ? { id: message.id, result: {} }
        : { id: message.id, error: { code: -32601, message: "this view offers nothing" } });
    } else if (message.method) {
      heard[message.method]?.(message.params ?? {});
    } else if (message.id === 1 && message.result) {
      applyContext(message.result.hostContext ?? {});
      post({ method: "ui/notifications/initialized", params: {} });
      new ResizeObserver(sayHeight).observe(document.getElementById("view"));
    }
  });

  function applyContext(context) {
    if (context.theme === "dark" || context.theme === "light") document.documentElement.dataset.theme = context.theme;
  }

  function start(name, show) {
    heard["ui/notifications/host-context-changed"] = applyContext;
    heard["ui/notifications/tool-result"] = (result) => {
      try {
        show(result);
      } catch (error) {
        console.error(error);
        textOnly(answerOf(result).text, false, "This view could not draw the answer; here is its text.");
      }
    };
    heard["ui/notifications/tool-cancelled"] = () => show({ content: [{ type: "text", text: "The call was cancelled." }] });
    let told = 0;
    sayHeight = () => {
      const height = Math.ceil(document.getElementById("view").getBoundingClientRect().height);
      if (height === told) return;
      told = height;
      document.documentElement.style.height = `${height}px`; // some hosts read the document instead
      post({ method: "ui/notifications/size-changed", params: { height } });
    };
    post({
      id: 1,
      method: "ui/initialize",
      params: { protocolVersion: "2026-01-26", appInfo: { name, version: "1" }, appCapabilities: {} },
    });
  }

  return { start };
})();
