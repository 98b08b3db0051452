import { createElement, useRef, useState } from "react";
import { FAILED, sentence } from "$/public/answers.jsx";
import { Copyable } from "$/public/webhook.jsx";

// The fields as our REST interface takes them: `data-as` says what each one is there, and "settings.host" is `host` of `settings`.
function bodyOf(form) {
  const whole = {};
  for (const field of form.elements) {
    if (!field.name) continue;
    const kind = field.dataset.as || "text";
    const [name, outer] = field.name.split(".").reverse();
    const body = outer ? (whole[outer] = whole[outer] || {}) : whole;
    if (kind === "list") {
      body[name] = body[name] || [];
      if (field.checked) body[name].push(field.value);
    } else if (kind === "number") {
      if (field.value !== "") body[name] = Number(field.value);
    } else if (kind === "flag") {
      body[name] = field.value === "yes";
    } else if (kind === "lines") {
      body[name] = field.value.split("\n").map((line) => line.trim()).filter(Boolean);
    } else if (kind !== "optional" || field.value !== "") {
      body[name] = field.value;
    }
  }
  return whole;
}

// A form whose answer holds something secret. It is shown here and kept nowhere: neither in a state nor in an address.
export function SecretForm({ to, method = "POST", label, shown, sentence: said, onDone, children }) {
  const form = useRef(null);
  const [made, setMade] = useState(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");

  async function send(event) {
    event.preventDefault();
    event.stopPropagation();
    setBusy(true);
    setProblem("");
    try {
      const answer = await fetch(to, {
        method,
        body: JSON.stringify(bodyOf(form.current)),
        headers: { "Content-Type": "application/json" },
      }).catch(() => { throw new Error(FAILED); });
      const read = await answer.json().catch(() => null);
      if (!answer.ok) throw new Error(sentence(read));
      setMade(read.data);
      form.current.reset();
      onDone();
    } catch (error) {
      setMade(null);
      setProblem(error.message);
    } finally {
      setBusy(false);
    }
  }

  const values = made ? shown.split(" ").filter((name) => made[name]) : [];
  return createElement("form", { ref: form, className: "stack", onSubmit: send },
    children,
    made ? createElement("div", { className: "notice good", role: "status" },
      createElement("div", { className: "grow stack tight" },
        createElement("p", null, said),
        values.map((name) => createElement(Copyable, { key: name, name: name.replace("_", " "), value: made[name] })),
      ),
    ) : null,
    problem ? createElement("div", { className: "notice bad", role: "alert" }, problem) : null,
    createElement("div", { className: "row" },
      createElement("button", { type: "submit", className: "button primary", disabled: busy || !to }, label),
    ),
  );
}
