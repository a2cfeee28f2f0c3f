// With a mouse a job can be dragged to another time of its calendar: the page that asks whether to move it opens.
// Without, that page is reached from the job's own.
const FAR_ENOUGH = 8; // px: less is a click
let drag = null;
let dropped = false;

document.querySelector(".calendar--timed").addEventListener("pointerdown", (event) => {
  const entry = event.target.closest("[data-move]");
  if (!entry || event.button !== 0 || event.pointerType === "touch") return;
  const grabbed = event.clientY - entry.getBoundingClientRect().top;
  drag = { entry, grabbed, x: event.clientX, y: event.clientY, moving: false };
  dropped = false;
});

document.addEventListener("pointermove", (event) => {
  if (!drag) return;
  const [across, down] = [event.clientX - drag.x, event.clientY - drag.y];
  drag.moving ||= Math.hypot(across, down) > FAR_ENOUGH;
  if (!drag.moving) return;
  drag.entry.classList.add("entry--dragged");
  drag.entry.style.translate = `${across}px ${down}px`;
});

document.addEventListener("pointerup", (event) => {
  if (!drag) return;
  const { entry, moving } = drag;
  const start = moving && startAt(event);
  putBack();
  dropped = moving;
  if (start) location.assign(`${entry.dataset.move}?start=${encodeURIComponent(start)}`);
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") putBack();
});

// What was dragged is a link: the browser would drag its address, and open it when let go.
document.addEventListener("dragstart", (event) => {
  if (drag) event.preventDefault();
});
document.addEventListener(
  "click",
  (event) => {
    if (dropped) event.preventDefault();
    dropped = false;
  },
  true,
);

function putBack() {
  drag?.entry.classList.remove("entry--dragged");
  drag?.entry.style.removeProperty("translate");
  drag = null;
}

// The clock time under the top of what is dragged, on one of the starts that its calendar offers; nothing outside of
// that calendar.
function startAt(event) {
  const { entry, grabbed } = drag;
  const under = document.elementsFromPoint(event.clientX, event.clientY);
  const column = under.find((element) => element.matches("[data-day]"));
  if (!column || column.dataset.calendar !== entry.dataset.calendar) return "";
  const { top, height } = column.getBoundingClientRect();
  const minutes = ((event.clientY - grabbed - top) / height) * column.dataset.hours * 60;
  const step = Number(column.dataset.step);
  const start = column.dataset.first * 60 + Math.max(Math.round(minutes / step) * step, 0);
  const clock = [Math.floor(start / 60), start % 60].map((part) => String(part).padStart(2, "0")).join(":");
  return start < 24 * 60 ? `${column.dataset.day}T${clock}:00` : "";
}
