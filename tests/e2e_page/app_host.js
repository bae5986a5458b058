// A host of MCP Apps in a page, on the official bridge: it shows one view and writes down what the view sends.
import { AppBridge, PostMessageTransport } from "@modelcontextprotocol/ext-apps/app-bridge";

const OFFERED = { openLinks: {}, serverTools: {}, serverResources: {}, logging: {}, updateModelContext: {}, message: {} };

window.show = (html, result, hostContext) => {
  const frame = document.createElement("iframe");
  frame.sandbox = "allow-scripts";
  frame.style.cssText = "width:100%;border:0;display:block;height:100px";
  frame.srcdoc = html;
  window.seen = { ready: false, methods: [], calls: [], heights: [] };
  window.addEventListener("message", (event) => {
    if (event.source === frame.contentWindow) window.seen.methods.push(event.data.method ?? "answer");
  });
  document.body.replaceChildren(frame);
  const bridge = new AppBridge(null, { name: "host of tests", version: "1" }, OFFERED, { hostContext });
  bridge.oncalltool = async (params) => {
    window.seen.calls.push(params.name);
    return { content: [] };
  };
  bridge.onsizechange = ({ height }) => {
    window.seen.heights.push(height);
    frame.style.height = `${height}px`;
  };
  bridge.oninitialized = async () => {
    await bridge.sendToolInput({ arguments: {} });
    await bridge.sendToolResult(result);
    window.seen.ready = true;
  };
  window.bridge = bridge;
  return bridge.connect(new PostMessageTransport(frame.contentWindow, frame.contentWindow));
};
