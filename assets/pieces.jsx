import { createElement as h, useRef, useState } from "react";

const PIECE = 120000; // characters: one message of the socket holds a megabyte
const MOST = 5 * 1024 * 1024;

function textOf(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

// Reads a text file and hands it over piece by piece: `onPiece(name, piece, number, whether it is the last)`.
export function PiecewiseFile({ label, accept, onPiece }) {
  const field = useRef(null);
  const [problem, setProblem] = useState("");

  async function send(event) {
    const file = event.target.files[0];
    if (!file) return;
    setProblem("");
    if (file.size > MOST) {
      setProblem("This file is larger than 5 MB. Export a shorter time or fewer people at once.");
    } else {
      const text = textOf(await file.arrayBuffer());
      const count = Math.max(1, Math.ceil(text.length / PIECE));
      for (let at = 0; at < count; at += 1) onPiece(file.name, text.slice(at * PIECE, (at + 1) * PIECE), at, at === count - 1);
    }
    if (field.current) field.current.value = "";
  }

  return h("div", { className: "stack tight" },
    h("label", { className: "row" }, h("span", null, label),
      h("input", { ref: field, type: "file", accept, onChange: send })),
    problem ? h("div", { className: "notice bad", role: "alert" }, problem) : null,
  );
}
