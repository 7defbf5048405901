// Instants come in UTC and are shown in the viewer's zone, in the same form, so that nothing moves; UTC is in the title.
const two = (n) => String(n).padStart(2, "0");

export function local(date) {
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

export function showTimes(within) {
  for (const element of within.querySelectorAll("time[datetime*=T]")) {
    const date = new Date(element.dateTime);
    if (!Number.isNaN(date.getTime())) element.textContent = local(date);
  }
}
