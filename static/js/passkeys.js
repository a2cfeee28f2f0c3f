// What passkeys need besides allauth's own scripts: they are offered where the browser knows them, and what went wrong
// is said in a sentence.
const SAID = {
  NotAllowedError: "Nothing happened: it was called off, or took too long. Try again whenever you like.",
  InvalidStateError: "This device has a passkey for your account already.",
};
const ELSE = "That didn’t work. Check your connection, then try again.";

for (const part of document.querySelectorAll("[data-passkeys]")) part.hidden = !window.PublicKeyCredential;

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const problem = document.getElementById("passkey-problem");
  problem.textContent = SAID[event.detail.exception.name] || ELSE;
  problem.hidden = false;
});
