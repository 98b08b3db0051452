import { createElement as h, useEffect, useMemo, useRef, useState } from "react";

// The halves of a day are bits: 1 the morning, 2 the afternoon, 3 both.
const TOOLS = [["3", "Whole day"], ["1", "Morning"], ["2", "Afternoon"], ["0", "Clear"]];
const KEYS = { d: "3", m: "1", a: "2", c: "0", Delete: "0", Backspace: "0" };
const KINDS = { w: "working day", n: "no working day", h: "public holiday", o: "day off of the team", x: "not in the team" };
const HALVES = ["", " in the morning", " in the afternoon", " all day"];
const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
const PATIENCE_MS = 6000; // then a cell shows again what the server says
const EVERYBODY = "0";

function told(row, day, code, bits, note) {
  const painted = bits === 0 ? "" : row.id === EVERYBODY ? `, off${HALVES[bits]}` : `, away${HALVES[bits]}`;
  const kind = code[0] === "w" && painted ? "" : `, ${KINDS[code[0]]}`;
  return `${row.name}, ${day.weekday} ${day.number}${kind}${note ? ` (${note})` : ""}${painted}`;
}

// A grid to paint absences into, by pointer or keys. What was painted shows at once; the server has the last word.
export function MonthGrid({ days, rows, label, onPaint }) {
  const [tool, setTool] = useState("3");
  const [called, setCalled] = useState("");
  const [painted, setPainted] = useState({});
  const [at, setAt] = useState([0, 0]);
  const table = useRef(null);
  const mayPaint = useMemo(() => rows.some((row) => row.may), [rows]);

  useEffect(() => {
    setPainted((before) => {
      const kept = {};
      rows.forEach((row) => days.forEach((day, column) => {
        const key = `${row.id} ${day.iso}`;
        if (key in before && before[key] !== Number(row.cells[column][1])) kept[key] = before[key];
      }));
      return kept;
    });
  }, [rows, days]);

  function bitsOf(row, column) {
    const key = `${row.id} ${days[column].iso}`;
    return key in painted ? painted[key] : Number(row.cells[column][1]);
  }

  function paint(row, column, part) {
    if (!row.may || row.cells[column][0] === "x") return;
    const bits = Number(part);
    if (bits === bitsOf(row, column)) return;
    const key = `${row.id} ${days[column].iso}`;
    setPainted((before) => ({ ...before, [key]: bits }));
    setTimeout(() => setPainted(({ [key]: _, ...rest }) => rest), PATIENCE_MS);
    onPaint(row.id, days[column].iso, part, row.id === EVERYBODY ? called : "");
  }

  function go(r, c) {
    const to = [Math.max(0, Math.min(rows.length - 1, r)), Math.max(0, Math.min(days.length - 1, c))];
    setAt(to);
    table.current?.querySelector(`[data-at="${to[0]} ${to[1]}"]`)?.focus();
  }

  function onKey(event, r, c) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = STEPS[event.key];
    const part = KEYS[event.key];
    if (step) go(r + step[0], c + step[1]);
    else if (event.key === "Home") go(r, 0);
    else if (event.key === "End") go(r, days.length - 1);
    else if (event.key === "Enter" || event.key === " ") paint(rows[r], c, chosen(rows[r], c));
    else if (part !== undefined) paint(rows[r], c, part);
    else return;
    event.preventDefault();
  }

  function chosen(row, column) {
    return bitsOf(row, column) === Number(tool) ? "0" : tool;
  }

  const tools = mayPaint && h("div", { className: "row month-tools" },
    h("div", { className: "twin", role: "radiogroup", "aria-label": "What a click paints" },
      TOOLS.map(([value, text]) => h("label", { key: value }, text,
        h("input", { type: "radio", name: "month-tool", value, checked: tool === value, onChange: () => setTool(value) })))),
    h("label", { className: "row" }, h("span", { className: "fine" }, "The team's day is called"),
      h("input", {
        type: "text", name: "month-called", value: called, maxLength: 120, placeholder: "such as Offsite",
        onChange: (event) => setCalled(event.target.value),
      })),
  );
  const head = h("thead", null, h("tr", null,
    h("th", { scope: "col" }, "Who"),
    days.map((day) => h("th", { key: day.iso, scope: "col", className: day.today ? "today" : undefined, "aria-label": `${day.weekday} ${day.number}` },
      h("span", { "aria-hidden": true }, day.weekday[0]), h("br"), day.number)),
  ));
  const here = [Math.min(at[0], rows.length - 1), Math.min(at[1], days.length - 1)];
  const body = h("tbody", null, rows.map((row, r) => h("tr", { key: row.id, className: row.id === EVERYBODY ? "everybody" : undefined },
    h("th", { scope: "row" }, row.name),
    days.map((day, c) => {
      const code = row.cells[c];
      const bits = bitsOf(row, c);
      const note = row.notes[c];
      return h("td", {
        key: day.iso, role: "gridcell", "data-at": `${r} ${c}`, "data-kind": code[0], "data-bits": bits,
        tabIndex: here[0] === r && here[1] === c ? 0 : -1, title: note || undefined,
        "aria-label": told(row, day, code, bits, note), "aria-readonly": !row.may || undefined,
        onFocus: () => setAt([r, c]), onKeyDown: (event) => onKey(event, r, c),
        onClick: () => { go(r, c); paint(row, c, chosen(row, c)); },
      }, h("span", { "aria-hidden": true }, code[0] === "h" ? "H" : code[0] === "o" ? "T" : ""));
    }),
  )));
  return h("div", { className: "stack tight" }, tools,
    h("div", { className: "table-wrap" },
      h("table", { ref: table, className: "month", role: "grid", "aria-label": label }, head, body)));
}
