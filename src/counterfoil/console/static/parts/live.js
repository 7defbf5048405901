// An element with `data-live` follows what the server sends from that address. What differs is put in place, node by
// node: what has the focus keeps it, what is selected stays so, and nothing moves that has not changed.
import { showTimes } from "./times.js";

export function startLive() {
  for (const element of document.querySelectorAll("[data-live]")) follow(element);
}

function follow(element) {
  const state = document.querySelector("[data-live-state]");
  let source;
  const open = () => {
    if (source || document.hidden) return;
    source = new EventSource(element.dataset.live);
    source.addEventListener("sight", (event) => {
      if (state) state.hidden = true;
      put(element, event.data);
    });
    source.addEventListener("ended", () => location.reload());
    source.addEventListener("error", () => {
      if (state) state.hidden = false;
    });
  };
  const close = () => {
    source?.close();
    source = undefined;
  };
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  addEventListener("pagehide", close);
  open();
}

function put(element, html) {
  const wanted = new DOMParser().parseFromString(html, "text/html").body;
  showTimes(wanted);
  children(element, wanted);
  element.dispatchEvent(new CustomEvent("live:put", { bubbles: true }));
}

function children(present, wanted) {
  const there = [...present.childNodes];
  const coming = [...wanted.childNodes];
  coming.forEach((node, n) => (there[n] ? one(there[n], node) : present.append(node)));
  there.slice(coming.length).forEach((node) => node.remove());
}

function one(present, wanted) {
  if (present.nodeName !== wanted.nodeName) {
    present.replaceWith(wanted);
    return;
  }
  if (present.nodeType !== Node.ELEMENT_NODE) {
    if (present.nodeValue !== wanted.nodeValue) present.nodeValue = wanted.nodeValue;
    return;
  }
  for (const { name } of [...present.attributes]) if (!wanted.hasAttribute(name) && name !== "style") present.removeAttribute(name);
  for (const { name, value } of wanted.attributes) if (present.getAttribute(name) !== value) present.setAttribute(name, value);
  // What a chart draws inside its element is its own.
  if (!wanted.hasAttribute("data-chart")) children(present, wanted);
}
