import { createElement, useRef, useState } from "react";
import { sentence } from "$/public/answers.jsx";

const TOO_LARGE = 1024 * 1024;
const FAILED = "The file could not be sent. Check the connection and try again.";

// Sends a JSON file to an address of ours, which checks the session, the permission and what the file holds.
export function JsonUpload({ to, label, onDone }) {
  const field = useRef(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");

  async function send(event) {
    const file = event.target.files[0];
    if (!file) return;
    setBusy(true);
    setProblem("");
    try {
      if (file.size > TOO_LARGE) throw new Error("This file is larger than 1 MiB. A sprint report is far smaller.");
      const answer = await fetch(to, {
        method: "PUT",
        body: await file.text(),
        headers: { "Content-Type": "application/json" },
      }).catch(() => { throw new Error(FAILED); });
      if (!answer.ok) throw new Error(sentence(await answer.json().catch(() => null), FAILED));
      onDone();
    } catch (error) {
      setProblem(error.message);
    } finally {
      setBusy(false);
      if (field.current) field.current.value = "";
    }
  }

  return createElement("div", { className: "stack tight" },
    createElement("label", { className: "row" },
      createElement("span", null, label),
      createElement("input", {
        ref: field, type: "file", accept: ".json,.txt,application/json,text/plain", onChange: send, disabled: busy,
      }),
    ),
    problem ? createElement("div", { className: "notice bad", role: "alert" }, problem) : null,
  );
}
