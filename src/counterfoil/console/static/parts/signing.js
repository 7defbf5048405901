// Whoever follows a link from elsewhere arrives without the session's cookie, though signed in: then go on at once.
export async function startSigning() {
  const next = document.querySelector("[data-next]")?.dataset.next;
  if (!next) return;
  const answer = await fetch("/console/session", { headers: { Accept: "application/json" } });
  if (answer.ok && (await answer.json()).signed_in) location.replace(next);
}
