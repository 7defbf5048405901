// An element with an id and `data-follows` is fetched again from the page's own address when what moves by itself on
// the page has changed: its buttons and tables belong to the state that is shown. Not while a dialog in it is open.
import htmx from "htmx.org";

const SETTLED_MS = 400;

export function startFollowing() {
  let timer;
  const fetchAgain = () => {
    for (const element of document.querySelectorAll("[data-follows]")) {
      const select = `#${element.id}`;
      if (element.querySelector("dialog[open]") || element.contains(document.activeElement)) continue;
      htmx.ajax("GET", location.href, { source: element, target: element, select, swap: "outerHTML" });
    }
  };
  document.addEventListener("live:put", () => {
    clearTimeout(timer);
    timer = setTimeout(fetchAgain, SETTLED_MS);
  });
}
