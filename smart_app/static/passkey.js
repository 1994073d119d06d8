/* Passkeys: asks the browser with options from us, and posts its answer in the page's form. */
(() => {
  const form = document.querySelector("form[data-passkey]");
  if (!form || !window.PublicKeyCredential) return;
  const { options: address, passkey: kind } = form.dataset;
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) =>
    buffer && btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const opened = (options) => {
    options.challenge = bytes(options.challenge);
    if (options.user) options.user.id = bytes(options.user.id);
    for (const list of ["excludeCredentials", "allowCredentials"])
      options[list]?.forEach((one) => (one.id = bytes(one.id)));
    return { publicKey: options };
  };
  const answered = ({ id, rawId, type, response: r }) =>
    JSON.stringify({
      id,
      rawId: text(rawId),
      type,
      clientExtensionResults: {},
      response: {
        clientDataJSON: text(r.clientDataJSON),
        attestationObject: text(r.attestationObject),
        authenticatorData: text(r.authenticatorData),
        signature: text(r.signature),
        userHandle: text(r.userHandle),
      },
    });
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const problem = form.querySelector("[role=alert]");
    problem.hidden = true;
    try {
      const asked = await (await fetch(address, { method: "POST" })).json();
      const options = opened(JSON.parse(asked.options));
      const made = await navigator.credentials[kind === "create" ? "create" : "get"](options);
      form.elements.state.value = asked.state;
      form.elements.credential.value = answered(made);
      form.submit();
    } catch {
      problem.hidden = false;
    }
  });
})();
