// Light, dark, or as the system has it: kept in a cookie, so that the server draws the page right from the start.
const COOKIE = "counterfoil_theme";

export function startTheme() {
  const button = document.querySelector("[data-theme-toggle]");
  const root = document.documentElement;
  const shown = () => root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  const label = () => (button.textContent = shown() === "dark" ? "Light" : "Dark");
  label();
  button.addEventListener("click", () => {
    root.dataset.theme = shown() === "dark" ? "light" : "dark";
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `${COOKIE}=${root.dataset.theme}; Path=/console; Max-Age=31536000; SameSite=Strict${secure}`;
    label();
  });
}
