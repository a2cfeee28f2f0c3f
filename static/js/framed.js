// The page of a booking within the frame of the booking widget, which stands on a business's own website. It tells that
// page how high it is, as the widget does (`widget/src/resize.ts`), and nothing else: anybody may be around it.
const framed = parent !== window;
const tell = (message) => parent.postMessage({ source: "peepopay", ...message }, "*");

function begin() {
  let last = 0;
  const report = () => {
    const height = Math.ceil(document.body.getBoundingClientRect().height);
    if (height === 0 || height === last) return; // 0: the frame is hidden for now
    last = height;
    tell({ type: "resize", height });
  };
  report();
  new ResizeObserver(report).observe(document.body);
  // It takes the place of another page, somewhere in a long one.
  const seen = document.querySelector(":target") ?? document.body;
  tell({ type: "reveal", top: Math.max(0, seen.getBoundingClientRect().top + scrollY) });
  for (const link of document.links) keep(link);
}

// What may not be framed, and what is not ours, opens beside it.
function keep(link) {
  if (link.target || !link.protocol.startsWith("http")) return;
  const isHere = link.origin === location.origin;
  if (isHere && link.pathname.startsWith("/book/")) {
    const url = new URL(link.href);
    url.searchParams.set("embed", "1");
    link.href = url.href;
    link.referrerPolicy = "origin"; // it asks from where it was opened
  } else if (!isHere || !link.pathname.startsWith("/manage/")) link.target = "_blank";
}

if (framed) {
  // Before anything is drawn: the page around it has said whose it is, and is light.
  document.documentElement.className = "framed";
  document.querySelector("link[href*='css/dark']")?.remove();
  document.querySelector("meta[name=color-scheme]").content = "light";
  document.addEventListener("DOMContentLoaded", begin);
}
