// Shortcuts. Those of single keys can be turned off, and never apply where somebody types.
const SETTING = "counterfoil_single_keys";
const WAIT_MS = 1200;

export function startKeys() {
  const list = document.getElementById("shortcuts");
  if (!list) return;
  const box = document.getElementById("single-keys");
  box.checked = localStorage.getItem(SETTING) !== "off";
  box.addEventListener("change", () => localStorage.setItem(SETTING, box.checked ? "on" : "off"));

  let going = 0;
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      const palette = document.getElementById("palette");
      if (!document.querySelector("dialog[open]")) palette.showModal();
      return;
    }
    const typing = event.target.closest?.("input, select, textarea, [contenteditable]");
    if (!box.checked || typing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (performance.now() < going) {
      going = 0;
      const place = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
      if (place) {
        event.preventDefault();
        place.click();
      }
      return;
    }
    if (event.key === "g") going = performance.now() + WAIT_MS;
    else if (event.key === "?") list.showModal();
    else if (event.key === "/") {
      const field = document.querySelector("main input:not([type=hidden]), main select");
      if (field) {
        event.preventDefault();
        field.focus();
      }
    }
  });
}
