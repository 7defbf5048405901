// The command palette: the pages of the navigation, and what the server finds by the beginning of a number. The focus
// stays in the field; the arrows choose, Enter goes.
const PAUSE_MS = 120;

export function startPalette() {
  const palette = document.getElementById("palette");
  if (!palette) return;
  const field = palette.querySelector("input");
  const list = palette.querySelector("ul");
  const empty = document.getElementById("palette-empty");
  const places = [...list.querySelectorAll("[data-place]")];
  let timer;
  let asked = 0;

  const options = () => [...list.querySelectorAll("[role=option]:not([hidden])")];
  const chosen = () => list.querySelector("[aria-selected=true]");
  const choose = (option) => {
    chosen()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) field.setAttribute("aria-activedescendant", option.id);
    else field.removeAttribute("aria-activedescendant");
    empty.hidden = options().length > 0;
  };
  const go = (option) => option && location.assign(option.dataset.path);

  const show = (html) => {
    list.querySelectorAll("[role=option]:not([data-place])").forEach((option) => option.remove());
    list.insertAdjacentHTML("beforeend", html);
    if (!chosen() || chosen().hidden) choose(options()[0]);
  };
  const ask = async (text, number) => {
    const answer = await fetch(`/console/find?q=${encodeURIComponent(text)}`);
    if (number === asked) show(answer.ok && !answer.redirected ? await answer.text() : "");
  };

  field.addEventListener("input", () => {
    const text = field.value.trim();
    for (const place of places) place.hidden = !place.textContent.toLowerCase().includes(text.toLowerCase());
    clearTimeout(timer);
    asked += 1;
    const number = asked;
    if (text.length < 2) show("");
    else timer = setTimeout(() => ask(text, number), PAUSE_MS);
    choose(options()[0]);
  });
  field.addEventListener("keydown", (event) => {
    const all = options();
    const at = all.indexOf(chosen());
    if (event.key === "ArrowDown") choose(all[(at + 1) % all.length]);
    else if (event.key === "ArrowUp") choose(all[(at - 1 + all.length) % all.length]);
    else if (event.key === "Enter") go(chosen());
    else return;
    event.preventDefault();
  });
  list.addEventListener("click", (event) => go(event.target.closest("[role=option]")));
  palette.addEventListener("close", () => {
    field.value = "";
    field.dispatchEvent(new Event("input"));
  });
  choose(options()[0]);
}
