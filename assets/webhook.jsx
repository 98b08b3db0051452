import { createElement, useEffect, useRef, useState } from "react";
import { FAILED, sentence } from "$/public/answers.jsx";

// A value with a button that copies it. Where the browser does not let us copy, it is selected instead.
export function Copyable({ name, value }) {
  const text = useRef(null);
  const [said, setSaid] = useState("");
  useEffect(() => setSaid(""), [value]);
  async function copy() {
    try {
      await navigator.clipboard.writeText(value);
      setSaid("Copied");
    } catch {
      const range = document.createRange();
      range.selectNodeContents(text.current);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      setSaid("Selected: copy it with the keyboard");
    }
  }
  return createElement("span", { className: "copyable" },
    createElement("code", { ref: text }, value),
    createElement("button", { type: "button", className: "button small", onClick: copy, "aria-label": `Copy ${name}` }, "Copy"),
    createElement("span", { className: "fine", role: "status" }, said),
  );
}

// Asks our REST interface for new values. They are shown here and kept nowhere: neither in a state nor in an address.
export function Renewal({ to, active, onDone }) {
  const [made, setMade] = useState(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const question = useRef(null);
  useEffect(() => { if (!active) setMade(null); }, [active]);

  async function make() {
    if (question.current && question.current.matches(":popover-open")) question.current.hidePopover();
    setBusy(true);
    setProblem("");
    try {
      const answer = await fetch(to, { method: "POST" }).catch(() => { throw new Error(FAILED); });
      const read = await answer.json().catch(() => null);
      if (!answer.ok) throw new Error(sentence(read));
      setMade(read.data);
      onDone();
    } catch (error) {
      setProblem(error.message);
    } finally {
      setBusy(false);
    }
  }

  const line = (name, value, help) => createElement("div", { key: name },
    createElement("dt", null, name),
    createElement("dd", null, createElement(Copyable, { name: name.toLowerCase(), value }), createElement("p", { className: "fine" }, help)),
  );
  const values = made && createElement("div", { className: "notice good", role: "status" },
    createElement("div", { className: "grow stack tight" },
      createElement("p", null, createElement("strong", null, "Copy these now: they are shown this once and stored sealed.")),
      createElement("dl", { className: "once" },
        line("Secret", made.secret, "Into the field “Secret” of Jira's webhook, beside the address below."),
        line("Address with a token", made.url_with_token,
          "Only for a Jira whose form has no field for a secret: enter this in place of the address below. Whoever knows it can send."),
      ),
      createElement("div", null, createElement("button", { type: "button", className: "button small", onClick: () => setMade(null) }, "I have copied them")),
    ),
  );
  const first = createElement("button", { type: "button", className: "button primary", onClick: make, disabled: busy }, "Switch webhooks on");
  const again = [
    createElement("button", { key: "ask", type: "button", className: "button", popoverTarget: "renew-webhook", disabled: busy }, "Make a new secret"),
    createElement("div", { key: "question", ref: question, id: "renew-webhook", className: "pop right", popover: "auto" },
      createElement("h3", null, "Make a new secret?"),
      createElement("p", null, "The secret and the address with a token that Jira uses now end at once. Until the new ones stand in Jira, its webhooks are refused; the syncs go on."),
      createElement("p", null, createElement("button", { type: "button", className: "button primary", onClick: make }, "Make a new secret")),
    ),
  ];
  return createElement("div", { className: "stack" },
    values,
    problem ? createElement("div", { className: "notice bad", role: "alert" }, problem) : null,
    createElement("div", { className: "row" }, active ? again : first),
  );
}
