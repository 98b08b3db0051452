import { createElement, useEffect, useRef, useState } from "react";
import { FAILED, sentence } from "$/public/answers.jsx";
import { Copyable } from "$/public/webhook.jsx";

// Asks our REST interface for a one-time link. It is shown here and kept nowhere: neither in a state nor in an address.
export function OneTimeLink({ to, label, owner }) {
  const [made, setMade] = useState(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    setMade(null);
    setProblem("");
  }, [to]);

  async function make() {
    setBusy(true);
    setProblem("");
    try {
      const answer = await fetch(to, { method: "POST" }).catch(() => { throw new Error(FAILED); });
      const read = await answer.json().catch(() => null);
      if (!answer.ok) throw new Error(sentence(read));
      setMade(read.data);
    } catch (error) {
      setProblem(error.message);
    } finally {
      setBusy(false);
    }
  }

  const until = made && new Date(made.expires_at).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
  return createElement("div", { className: "stack tight" },
    made ? createElement("div", { className: "notice good", role: "status" },
      createElement("div", { className: "grow stack tight" },
        createElement("p", null, `Hand this link to ${owner}. It is shown this once, works once, and ends on ${until}.`),
        createElement(Copyable, { name: "the link", value: made.link }),
      ),
    ) : null,
    problem ? createElement("div", { className: "notice bad", role: "alert" }, problem) : null,
    createElement("div", { className: "row" },
      createElement("button", { type: "button", className: "button", onClick: make, disabled: busy || !to },
        made ? "Make another link, which ends this one" : label),
    ),
  );
}

// What stands behind the # of the address, as a hidden field of the form around it. No server gets to see that part.
export function FromFragment({ name }) {
  const field = useRef(null);
  const [missing, setMissing] = useState(false);
  useEffect(() => {
    const read = () => {
      const value = decodeURIComponent(window.oneTime || window.location.hash.slice(1));
      if (value) field.current.value = value;
      setMissing(!field.current.value);
    };
    read();
    window.addEventListener("hashchange", read);
    return () => window.removeEventListener("hashchange", read);
  }, []);
  return createElement("div", null,
    createElement("input", { type: "hidden", name, ref: field }),
    missing ? createElement("div", { className: "notice bad", role: "alert" },
      "Part of the link is missing. Open the whole link that you were given.") : null,
  );
}
