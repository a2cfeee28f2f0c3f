// The colour that is being chosen, at once: in the sample, and in the booking page where that is at our own address.
const colour = document.getElementById("id_accent_colour");
const sample = document.getElementById("sample");
const frame = document.querySelector("iframe.preview");
let waiting;

async function show() {
  const url = `${sample.dataset.src}?${new URLSearchParams({ colour: colour.value })}`;
  sample.src = url;
  const drawn = await (await fetch(url)).text();
  const readable = /data-colour="(#[0-9a-f]{6})"/.exec(drawn); // a light one is darkened, as customers see it
  if (readable) frame.contentDocument?.documentElement.style.setProperty("--accent", readable[1]);
}

colour.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => show().catch(() => {}), 150);
});
