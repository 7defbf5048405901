// A form with `data-upload` sends its file as it is, piece by piece as the browser does, with the other fields in the
// address. What is dropped upon the form is its file. A button with `data-checks` sends it there.
const PROBLEM = "#upload-problems";

export function startUploading() {
  for (const form of document.querySelectorAll("[data-upload]")) prepare(form);
}

function prepare(form) {
  const input = form.querySelector("input[type=file]");
  const zone = form.querySelector(".drop");
  for (const kind of ["dragenter", "dragover"]) {
    zone.addEventListener(kind, (event) => {
      event.preventDefault();
      zone.classList.add("over");
    });
  }
  for (const kind of ["dragleave", "drop"]) zone.addEventListener(kind, () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length) input.files = event.dataTransfer.files;
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form, input.files[0], event.submitter?.dataset.checks ?? form.dataset.upload);
  });
}

function send(form, file, address) {
  const progress = form.querySelector("progress");
  const buttons = form.querySelectorAll("button");
  const query = new URLSearchParams({ name: file.name, key: form.dataset.key });
  for (const field of form.querySelectorAll("select, input:not([type=file])")) if (field.value) query.set(field.name, field.value);
  const request = new XMLHttpRequest();
  request.open("POST", `${address}?${query}`);
  const headers = JSON.parse(document.body.getAttribute("hx-headers"));
  for (const [name, value] of Object.entries({ ...headers, "HX-Request": "true" })) request.setRequestHeader(name, value);
  request.setRequestHeader("Content-Type", "application/octet-stream");
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) progress.value = (100 * event.loaded) / event.total;
  });
  request.addEventListener("loadend", () => {
    const next = request.getResponseHeader("HX-Redirect");
    if (next) {
      location.assign(next);
      return;
    }
    for (const button of buttons) button.disabled = false;
    progress.hidden = true;
    const said = new DOMParser().parseFromString(request.responseText, "text/html");
    const problems = form.querySelector(PROBLEM);
    const answer = said.querySelector(".problem");
    if (answer) problems.replaceChildren(document.importNode(answer, true));
    else problems.textContent = "The server did not answer. Nothing is lost: upload the file again.";
  });
  for (const button of buttons) button.disabled = true;
  progress.hidden = false;
  form.querySelector(PROBLEM).replaceChildren();
  request.send(file);
}
