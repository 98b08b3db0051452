import { createElement as h, useEffect, useRef, useState } from "react";
import { FAILED, sentence } from "$/public/answers.jsx";

async function ask(to, body) {
  const answer = await fetch(to, {
    method: "POST",
    body: JSON.stringify(body || {}),
    headers: { "Content-Type": "application/json" },
  }).catch(() => { throw new Error(FAILED); });
  const said = await answer.json().catch(() => null);
  if (!answer.ok || !said) throw new Error(sentence(said));
  return said.data;
}

function problemBox(problem) {
  return problem ? h("div", { className: "notice bad", role: "alert" }, problem) : null;
}

// Ten codes, to be seen once. They are here and nowhere else: no state of the server keeps them.
function Codes({ codes, onKept, kept }) {
  const head = useRef(null);
  const [copied, setCopied] = useState("");
  useEffect(() => head.current.focus(), []);
  async function copy() {
    try {
      await navigator.clipboard.writeText(codes.join("\n"));
      setCopied("Copied.");
    } catch {
      setCopied("This browser does not let us copy. Select the codes and copy them.");
    }
  }
  return h("div", { className: "stack", id: "recovery-codes" },
    h("h3", { ref: head, tabIndex: -1 }, "Keep these recovery codes"),
    h("p", null, "Each lets you in once when your app is lost. They are shown only now: print them, or put them into your password manager."),
    h("ol", { className: "codes" }, codes.map((code) => h("li", { key: code }, h("code", null, code)))),
    h("div", { className: "row" },
      h("button", { type: "button", className: "button", onClick: copy }, "Copy all"),
      h("button", { type: "button", className: "button primary", onClick: onKept }, kept),
    ),
    h("p", { role: "status", className: "fine" }, copied),
  );
}

// Sets an authenticator app up at the address `to`: its secret, its first code, then the recovery codes.
export function Enrol({ to, label, kept, begins, onDone }) {
  const [made, setMade] = useState(null);
  const [codes, setCodes] = useState(null);
  const [next, setNext] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const asked = useRef(false);

  async function doing(work) {
    setBusy(true);
    setProblem("");
    try {
      await work();
    } catch (error) {
      setProblem(error.message);
    } finally {
      setBusy(false);
    }
  }
  const begin = () => doing(async () => setMade(await ask(to)));
  function confirm(event) {
    event.preventDefault();
    const code = new FormData(event.target).get("code");
    doing(async () => {
      const said = await ask(`${to}/confirmation`, { code });
      setNext(said.next || "");
      setCodes(said.recovery_codes);
      if (!said.next) onDone();
    });
  }
  useEffect(() => {
    if (!begins || asked.current) return;
    asked.current = true;
    begin();
  }, [begins]);
  function done() {
    if (next) window.location.assign(next);
    else {
      setMade(null);
      setCodes(null);
      onDone();
    }
  }

  if (codes) return h(Codes, { codes, onKept: done, kept });
  if (!made) {
    return h("div", { className: "stack" },
      problemBox(problem),
      h("div", { className: "row" },
        h("button", { type: "button", className: "button primary", onClick: begin, disabled: busy }, label)),
    );
  }
  return h("form", { className: "stack", onSubmit: confirm },
    h("ol", { className: "stack" },
      h("li", null, "Scan this with an authenticator app on your phone."),
      h("li", null, "Or type this key into the app: ", h("code", { id: "totp-secret" }, made.secret.match(/.{1,4}/g).join(" "))),
      h("li", null, "Give the code of six digits that the app shows."),
    ),
    h("img", { src: made.picture, alt: "QR code for your authenticator app", className: "qr" }),
    h("div", { className: "field" },
      h("label", { htmlFor: "first-code" }, "Code from the app"),
      h("input", {
        id: "first-code", name: "code", type: "text", inputMode: "numeric", autoComplete: "one-time-code", required: true,
        maxLength: 20, className: "short",
      }),
    ),
    problemBox(problem),
    h("div", { className: "row" },
      h("button", { type: "submit", className: "button primary", disabled: busy }, "Switch it on")),
  );
}

// Asks `to` for new recovery codes and shows them.
export function NewCodes({ to, onDone }) {
  const [codes, setCodes] = useState(null);
  const [problem, setProblem] = useState("");
  async function renew() {
    setProblem("");
    try {
      setCodes((await ask(to)).recovery_codes);
    } catch (error) {
      setProblem(error.message);
    }
  }
  function done() {
    setCodes(null);
    onDone();
  }
  if (codes) return h(Codes, { codes, onKept: done, kept: "I have kept them" });
  return h("div", { className: "stack tight" },
    problemBox(problem),
    h("div", { className: "row" },
      h("button", { type: "button", className: "button", onClick: renew }, "Make new recovery codes")),
  );
}
