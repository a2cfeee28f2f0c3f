// Says while somebody types which address their booking page would have. Without scripts the form says it when sent.
const says = document.getElementById("address-says");
const fields = { slug: document.getElementById("id_slug"), business_name: document.getElementById("id_business_name") };
let waiting;

async function check() {
  const typed = new URLSearchParams({ slug: fields.slug.value, business_name: fields.business_name.value });
  if (!typed.get("slug") && !typed.get("business_name")) return;
  const answer = await fetch(`${says.dataset.check}?${typed}`, { headers: { Accept: "application/json" } });
  if (answer.ok) says.textContent = (await answer.json()).says;
}

for (const field of Object.values(fields)) {
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => check().catch(() => {}), 300);
  });
}

check().catch(() => {}); // what was typed before this script was there
