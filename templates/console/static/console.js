// Keys for people who decide many replies in a row; every page works without them.
"use strict";
document.addEventListener("keydown", (event) => {
  const target = event.target;
  if (event.ctrlKey || event.metaKey || event.altKey || target.matches("input, textarea, select")) return;
  const list = document.querySelector("[data-list]");
  if (list && (event.key === "j" || event.key === "k")) {
    const links = [...list.querySelectorAll("a")];
    const here = links.indexOf(document.activeElement);
    const next = links[event.key === "j" ? here + 1 : Math.max(0, here - 1)];
    if (next) next.focus();
    return;
  }
  const wanted = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (wanted) { event.preventDefault(); wanted.click(); }
});
