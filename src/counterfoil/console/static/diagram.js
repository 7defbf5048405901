// Draws the BPMN models of elements with `data-diagram` (the address of the file), and on them what `data-marks` says
// of each element: a badge, a colour, and where a press leads. The wheel scrolls the page; buttons change the size.
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";

// As large as text, however small the drawing is.
const FIXED = { scale: false };

function badge(text, label, path, tone) {
  const link = document.createElement(path ? "a" : "span");
  if (path) link.href = path;
  link.className = `flag ${tone}`;
  link.textContent = text;
  if (label) {
    link.title = label;
    if (path) link.setAttribute("aria-label", label);
  }
  return link;
}

function mark(viewer, id, said) {
  const overlays = viewer.get("overlays");
  if (!viewer.get("elementRegistry").get(id)) return;
  if (said.tone) viewer.get("canvas").addMarker(id, `tone-${said.tone}`);
  if (said.badge) overlays.add(id, { ...FIXED, position: { top: -13, left: -10 }, html: badge(said.badge, said.label, said.path, "busy") });
  if (said.bad) overlays.add(id, { ...FIXED, position: { top: -13, right: 14 }, html: badge(said.bad, said.bad_label, said.bad_path, "bad") });
}

async function draw(element) {
  const state = element.parentElement.querySelector("[data-diagram-state]");
  const marks = JSON.parse(element.dataset.marks);
  const viewer = new NavigatedViewer({
    container: element,
    zoomScroll: { enabled: false },
    bpmnRenderer: { defaultFillColor: "var(--raised)", defaultStrokeColor: "var(--text)", defaultLabelColor: "var(--text)" },
    textRenderer: { defaultStyle: { fontFamily: "system-ui, sans-serif" } },
  });
  const answer = await fetch(element.dataset.diagram);
  try {
    await viewer.importXML(await answer.text());
  } catch {
    element.hidden = true;
    state.textContent = "The file has no drawing. The table below says the same.";
    return;
  }
  const canvas = viewer.get("canvas");
  const whole = () => element.clientWidth && element.clientHeight && canvas.zoom("fit-viewport", "auto");
  whole();
  for (const [id, said] of Object.entries(marks)) mark(viewer, id, said);
  viewer.get("eventBus").on("element.click", ({ element: { id } }) => marks[id]?.path && location.assign(marks[id].path));
  element.parentElement.querySelector(".zoom").addEventListener("click", (event) => {
    const step = event.target.dataset.zoom;
    if (step === "fit") whole();
    else if (step) canvas.zoom(canvas.zoom() * (step === "in" ? 1.25 : 0.8), "auto");
  });
  addEventListener("resize", () => {
    canvas.resized();
    whole();
  });
  state.hidden = true;
  element.dataset.drawn = "";
}

for (const element of document.querySelectorAll("[data-diagram]")) draw(element);
