// Dialogs open by the button that names them, and close by their own; the browser keeps the focus inside.
export function startDialogs() {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) {
      document.getElementById(opener.dataset.opens).showModal();
      return;
    }
    event.target.closest("[data-closes]")?.closest("dialog").close();
  });
}
