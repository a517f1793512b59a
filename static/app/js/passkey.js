// Passkeys on the sign-in and security pages. <form data-passkey="add|use|login"> holds a hidden "credential" field;
// the challenge is in <script type="application/json" id="js_data"> (data, not code: the CSP lets it stand) or, to sign
// in, asked for when the button is pressed. JSON in and out is the browser's own (WebAuthn level 3).
import { $, on, say } from "./dom.js";

const data = () => JSON.parse($("#js_data").textContent);

async function create(form) {
  const options = data().creation_options.publicKey;
  const passwordless = $("[name=passwordless]", form)?.checked ?? true;
  options.authenticatorSelection = {
    ...options.authenticatorSelection,
    residentKey: passwordless ? "required" : "discouraged",
    requireResidentKey: passwordless,
    ...(passwordless && { userVerification: "required" }),
  };
  return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) });
}

const use = (options) => navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options.publicKey) });

async function challenge(form) {
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(answer.status);
  return (await answer.json()).request_options;
}

const ASK = {
  add: create,
  use: () => use(data().request_options),
  login: async (form) => use(await challenge(form)),
};

on("click", async (e) => {
  const button = e.target.closest("[data-passkey-button]");
  const form = button && (button.form || button.closest("form"));
  if (!form?.dataset.passkey) return;
  e.preventDefault();
  const trouble = $("[data-passkey-error]");
  trouble.hidden = true;
  try {
    if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON) throw new Error("old browser");
    const credential = await ASK[form.dataset.passkey](form);
    $("[name=credential]", form).value = JSON.stringify(credential);
    form.submit();
  } catch (error) {
    $("span", trouble).textContent = say(error.message === "old browser" ? "passkey_old" : "passkey_failed");
    trouble.hidden = false;
  }
});

// The recovery codes: the box selects itself, and leaving is held until the person says the codes are kept.
on("click", (e) => { if (e.target.matches("[data-select]")) e.target.select(); });
