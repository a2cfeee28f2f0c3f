// Says below cancellation terms, while they are typed, what customers would read. Without scripts the button does.
const shown = document.getElementById("as-read");
const form = shown.closest("form");
const [about, sentences] = [shown.querySelector("p"), shown.querySelector("ul")];
let waiting, asked = 0;

async function look() {
  const body = new FormData(form);
  body.set("look", "1");
  const number = ++asked;
  const answer = await fetch(location.pathname, { method: "POST", body, headers: { Accept: "application/json" } });
  const said = await answer.json();
  if (!answer.ok || number !== asked) return;
  about.textContent = said.about;
  sentences.replaceChildren(
    ...said.sentences.map((text) => Object.assign(document.createElement("li"), { textContent: text })),
  );
}

form.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => look().catch(() => {}), 400);
});
