// Keys for people who decide many replies in a row, and dragging; every page works without them.
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

// The list: a line is pinned where it is dropped, or moved with the arrow keys; else one types.
function pinned(list) {
  const lines = () => [...list.children];
  const first = Number(list.start);
  let held = null;
  const say = (words) => { document.getElementById("said").textContent = words; };
  const pin = (line) => {
    const form = line.querySelector("form.pin");
    form.elements.place.value = first + lines().indexOf(line);
    form.requestSubmit();
  };
  const move = (line, other, after) => { if (other && other !== line) { if (after) other.after(line); else other.before(line); } };
  for (const line of lines()) {
    const form = line.querySelector("form.pin");
    if (!form) return;
    const grip = document.createElement("button");
    grip.type = "button";
    grip.className = "quiet grip";
    grip.textContent = "⠿";
    grip.setAttribute("aria-label", `Move ${form.elements.printed.value}: arrow keys, then Enter`);
    line.prepend(grip);
    grip.addEventListener("pointerdown", () => { line.draggable = true; });
    grip.addEventListener("keydown", (event) => {
      const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (step) {
        event.preventDefault();
        move(line, lines()[lines().indexOf(line) + step], step > 0);
        grip.focus();
        say(`Place ${first + lines().indexOf(line)}; Enter pins it there`);
      } else if (event.key === "Enter") {
        event.preventDefault();
        pin(line);
      }
    });
    line.addEventListener("dragstart", (event) => {
      held = line;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", "");
    });
    line.addEventListener("dragover", (event) => {
      if (!held) return;
      event.preventDefault();
      move(held, line, lines().indexOf(held) < lines().indexOf(line));
    });
    line.addEventListener("drop", (event) => { if (held) { event.preventDefault(); pin(held); } });
    line.addEventListener("dragend", () => { line.draggable = false; held = null; });
  }
}
document.querySelectorAll("[data-pins]").forEach(pinned);
document.addEventListener("htmx:afterSwap", () => document.querySelectorAll("[data-pins]").forEach((list) => { if (!list.querySelector(".grip")) pinned(list); }));

// A form that takes a while says so from the moment it is sent.
for (const busy of document.querySelectorAll("[data-busy]")) {
  busy.closest("form").addEventListener("submit", () => { busy.hidden = false; });
  window.addEventListener("pageshow", () => { busy.hidden = true; }); // come back to
}
