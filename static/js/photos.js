// Phones take photos of 5 MB and more, and reception on site is poor: chosen photos are made as small as they are shown,
// and go up one by one. What this browser can't read, and everything without scripts, goes up as it is.
const EDGE = 1600;
const SMALL_ENOUGH = 500_000; // bytes

async function smaller(file) {
  if (file.size <= SMALL_ENOUGH) return file;
  try {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, EDGE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const drawn = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
    return drawn && drawn.size < file.size ? new File([drawn], file.name, { type: "image/jpeg" }) : file;
  } catch {
    return file;
  }
}

async function isTaken(form, input, file) {
  const body = new FormData(form);
  body.set(input.name, await smaller(file));
  try {
    const answer = await fetch(form.action, { method: "POST", body });
    // Taken, the answer is this page again; elsewhere somebody has to sign in first, say.
    return answer.ok && new URL(answer.url).pathname === location.pathname;
  } catch {
    return false;
  }
}

for (const input of document.querySelectorAll("input[data-shrink]")) {
  const form = input.form;
  const button = form.querySelector("button");
  const progress = form.querySelector("[role=status]");
  form.addEventListener("submit", async (event) => {
    if (!input.files.length) return;
    event.preventDefault();
    button.disabled = true;
    const refused = new DataTransfer();
    for (const [number, file] of [...input.files].entries()) {
      progress.textContent = `Sending ${number + 1} of ${input.files.length}…`;
      if (!(await isTaken(form, input, file))) refused.items.add(file);
    }
    if (!refused.files.length) return location.reload();
    // Sent once more as a page, they come back with what is wrong with them.
    input.files = refused.files;
    form.submit();
  });
}
