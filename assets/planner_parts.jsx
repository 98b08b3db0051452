import { createElement as h, memo, useEffect, useRef, useState } from "react";

const PLACES = { in: "in the plan", below: "below the cut-line", aside: "aside" };
export const UNITS = { points: 1000, hours: 3600, count: 1 };

function told(card) {
  return [
    `${card.key}: ${card.summary}`, card.amount, card.priority && `priority ${card.priority}`, `for ${card.who}`,
    card.side === "in" ? `place ${card.place}` : PLACES[card.side], card.pinned && "pinned", card.excluded && "left out",
    card.timed, card.mark === "bad" && "has an error", card.mark === "warn" && "has a warning",
  ].filter(Boolean).join(", ");
}

export const Card = memo(({ card, team, may, active, dragged, wide, on }) => {
  const chips = [
    card.pinned && h("span", { key: "p", className: "chip info" }, "Pinned"),
    card.excluded && h("span", { key: "x", className: "chip" }, "Left out"),
    card.timed && h("span", { key: "t", className: "chip warn" }, card.kind === "hard" ? "Exact times" : "Deadline"),
    card.mark && h("span", { key: "m", className: `chip ${card.mark}` }, card.mark === "bad" ? "Error" : "Warning"),
  ].filter(Boolean);
  return h("li", { className: "plan-item", "data-side": card.side },
    h("div", {
      className: `plan-card${card.expected ? " expected" : ""}${dragged ? " dragged" : ""}`, role: "group", "aria-label": told(card),
      "data-card": card.id, "data-key": card.key, tabIndex: active ? 0 : -1, draggable: may || undefined,
      onFocus: () => on.focus(card.id), onKeyDown: (event) => on.key(event, card, team),
      onDragStart: (event) => { event.dataTransfer.effectAllowed = "move"; event.dataTransfer.setData("text/plain", card.key); on.drag(card, team); },
      onDragEnd: on.drop,
    },
    h("div", { className: "plan-top" },
      h("span", { className: "plan-place", "aria-hidden": true }, card.side === "in" ? card.place : "·"),
      card.url
        ? h("a", { className: "key", href: card.url, target: "_blank", rel: "noopener noreferrer", tabIndex: active ? 0 : -1, draggable: false }, card.key)
        : h("span", { className: "key" }, card.key),
      h("span", { className: "plan-amount num" }, card.amount),
      h("button", {
        type: "button", className: "icon-button plan-more", tabIndex: active ? 0 : -1, "aria-label": `Details of ${card.key}`, onClick: () => on.open(card, team),
      }, "⋯")),
    h("p", { className: "plan-summary" }, card.summary),
    h("p", { className: "fine" }, [card.priority, card.who, wide && card.assignee, card.when].filter(Boolean).join(" · ")),
    chips.length ? h("div", { className: "row tight" }, chips) : null,
    h("p", { className: "fine plan-why" }, card.expected ? "Working out what this means." : card.why)));
});
Card.displayName = "Card";

export function Cut({ column }) {
  const per = UNITS[column.unit] || 1;
  const short = (value) => Number((value / per).toFixed(1)).toLocaleString("en");
  const over = column.capacity > 0 && column.load > column.capacity;
  return h("li", { className: `plan-cut${over ? " over" : ""}`, "data-cut": column.id },
    h("span", null, column.capacity ? `Cut-line: ${short(column.load)} of ${short(column.capacity)}` : "Cut-line: no capacity"));
}

export const ColumnHead = memo(({ column }) => {
  const per = column.capacity ? Math.round((100 * column.load) / column.capacity) : null;
  const odd = column.conflicts;
  return h("header", { className: "plan-head" },
    h("div", { className: "plan-title" }, h("h3", null, column.name),
      odd ? h("span", { className: "chip warn" }, `${odd} ${odd === 1 ? "conflict" : "conflicts"}`) : null),
    h("p", { className: "fine num" }, per === null ? "No capacity in this sprint" : `${per} % used`, ` · ${column.in} in, ${column.out} below`,
      column.fair && ` · fairness ${column.fair}`),
    h("div", { className: per > 100 ? "meter over" : "meter", "aria-hidden": true },
      h("span", { style: { width: `${Math.min(100, per || 0)}%` } })));
});
ColumnHead.displayName = "ColumnHead";

const TIMED = { hard: "At exact times", soft: "By a deadline", flexible: "Flexible" };

// What can be done with one card, for a pointer, a finger or a screen reader alike.
export function Details({ open, may, columns, onClose, onChange, onStep }) {
  const dialog = useRef(null);
  const [kind, setKind] = useState("flexible");
  const card = open && open.card;
  useEffect(() => {
    const element = dialog.current;
    if (open && !element.open) element.showModal();
    if (!open && element.open) element.close();
    if (open) setKind(open.card.kind);
  }, [open]);
  function time(event) {
    event.preventDefault();
    const form = new FormData(event.target);
    const timing = { kind };
    if (kind === "hard") timing.start = form.get("start");
    if (kind !== "flexible") timing.end = form.get("end");
    onChange(card, [{ kind: "timing", issue: card.id, timing }]);
  }
  const act = (text, changes, primary) => h("button", { type: "button", key: text, className: primary ? "button primary small" : "button small", onClick: () => onChange(card, changes) }, text);
  const step = (text, how) => h("button", { type: "button", key: text, className: "button small", onClick: () => onStep(card, open.team, how) }, text);
  const issue = card && card.id;
  const body = card && h("div", { className: "drawer-body" },
    h("header", { className: "drawer-head" },
      h("div", null, h("h2", null, card.key), h("p", { className: "reading" }, card.summary)),
      h("button", { type: "button", className: "icon-button", "aria-label": "Close", onClick: onClose }, "✕")),
    h("dl", { className: "facts" },
      [["Estimate", card.amount], ["Priority", card.priority || "—"], ["Stakeholder", card.who], ["Assignee", card.assignee], ["Expected", card.when || "—"],
        ["Scheduling", [TIMED[card.kind], card.source].filter(Boolean).join(", ")]]
        .map(([name, value]) => h("div", { key: name }, h("dt", null, name), h("dd", null, value)))),
    h("p", null, h("strong", null, `Why it is ${PLACES[card.side]}: `), card.why),
    may && h("div", { className: "row" },
      step("Move up", "up"), step("Move down", "down"),
      card.pinned ? act("Take the pin off", [{ kind: "unpin", issue }]) : act("Pin it into the plan", [{ kind: "pin", issue }]),
      card.excluded ? act("Consider it again", [{ kind: "include", issue }]) : act("Leave it out", [{ kind: "exclude", issue }])),
    may && h("label", { className: "field" }, h("span", null, "Team"),
      h("select", {
        value: open.team,
        onChange: (event) => onChange(card, [{ kind: "team", issue, team: event.target.value === "0" ? null : Number(event.target.value) }]),
      }, columns.map((column) => h("option", { key: column.id, value: column.id }, column.name)))),
    may && h("form", { className: "stack tight", onSubmit: time, key: card.id },
      h("label", { className: "field" }, h("span", null, "Scheduling"),
        h("select", { name: "kind", value: kind, onChange: (event) => setKind(event.target.value) },
          h("option", { value: "flexible" }, "Flexible: in its turn"), h("option", { value: "soft" }, "Soft deadline: by a time"),
          h("option", { value: "hard" }, "Hard-scheduled: at exact times"))),
      kind === "hard" && h("label", { className: "field" }, h("span", null, "Starts"), h("input", { type: "datetime-local", name: "start", required: true, defaultValue: card.from })),
      kind !== "flexible" && h("label", { className: "field" }, h("span", null, kind === "hard" ? "Ends" : "Is due"), h("input", { type: "datetime-local", name: "end", required: true, defaultValue: card.to })),
      h("div", { className: "row" }, h("button", { type: "submit", className: "button" }, "Set the scheduling"),
        card.own && h("button", { type: "button", className: "button", onClick: () => onChange(card, [{ kind: "reset_timing", issue }]) }, "As in Jira")),
      card.own && h("p", { className: "fine" }, `As in Jira it would be ${card.jira}.`)));
  return h("dialog", {
    ref: dialog, className: "drawer", "aria-label": card ? `Details of ${card.key}` : "Details", onClose: () => open && onClose(),
    onClick: (event) => event.target === dialog.current && dialog.current.close(),
  }, body);
}

const Weights = memo(({ weights, onChange }) => h("details", null, h("summary", null, `Weights of ${weights.length} ${weights.length === 1 ? "stakeholder" : "stakeholders"} (100 is usual)`),
  h("div", { className: "form-grid plan-weights" }, weights.map((one) => h(Figure, {
    key: String(one.person), label: `${one.name} (${one.issues})`, name: `weight-${one.person}`, value: one.weight, least: 1, most: 10000,
    onSet: (value) => onChange([{ kind: "weight", person: one.person, weight: value === 100 ? null : value }]),
  })))));
Weights.displayName = "Weights";

export const Strip = memo(({ rules, algorithms, weights, onChange, final }) => {
  const rule = (name, value) => onChange([{ kind: "rule", rule: name, value }]);
  const pick = (label, name, options) => h("label", { className: "field" }, h("span", null, label),
    h("select", { name, value: rules[name] === null ? "" : String(rules[name]), onChange: (event) => rule(name, event.target.value || null) },
      options.map(([value, text]) => h("option", { key: value, value }, text))));
  const tick = (label, name) => h("label", { className: "row" }, h("input", { type: "checkbox", name, checked: rules[name], onChange: (event) => rule(name, event.target.checked) }), label);
  return h("details", { className: "panel plan-rules" },
    h("summary", null, "How it is planned", !final && h("span", { className: "chip info" }, "Working on the best plan")),
    h("div", { className: "panel-body stack" },
      h("div", { className: "form-grid" },
        pick("Algorithm", "algorithm", algorithms.map((one) => [one.value, one.label])),
        pick("Unit", "unit", [["", "Each team's own"], ["points", "Points"], ["hours", "Hours"], ["count", "Issues"]]),
        pick("Issues without an estimate", "unestimated", [["median", "Count as their team's median"], ["zero", "Count nothing"], ["left_out", "Stay below the cut-line"]]),
        h(Figure, { label: "Buffer in percent", name: "buffer", value: rules.buffer, most: 100, onSet: (value) => rule("buffer", value) })),
      h("div", { className: "row" }, tick("Carry-over first", "carry_over_first"), tick("Plan sub-tasks, not their parents", "include_subtasks")),
      weights.length ? h(Weights, { weights, onChange }) : null));
});
Strip.displayName = "Strip";

function Figure({ label, name, value, least = 0, most, onSet }) {
  const [text, setText] = useState(String(value));
  useEffect(() => setText(String(value)), [value]);
  function keep() {
    const found = Math.round(Number(text));
    if (!text || !Number.isFinite(found) || found < least || found > most) setText(String(value));
    else if (found !== value) onSet(found);
  }
  return h("label", { className: "field" }, h("span", null, label),
    h("input", {
      type: "number", name, min: least, max: most, value: text, onChange: (event) => setText(event.target.value), onBlur: keep,
      onKeyDown: (event) => event.key === "Enter" && keep(),
    }));
}

const Clashing = memo(({ one, may, onChange }) => h("li", null,
  h("span", { className: `chip ${one.tone}` }, one.level),
  h("div", { className: "grow" }, h("p", null, one.words),
    may && one.ways.length ? h("div", { className: "row tight" }, one.ways.map((way) => h("button", {
      key: way.words, type: "button", className: "button small", onClick: () => onChange([way.change]),
    }, way.words))) : null)));
Clashing.displayName = "Clashing";

export const Conflicts = memo(({ conflicts, more, may, onChange }) => {
  if (!conflicts.length) return h("p", { className: "quiet" }, "No conflicts: everything in this plan goes together.");
  return h("ul", { className: "told plan-conflicts" }, conflicts.map((one, at) => h(Clashing, { key: `${at} ${one.words}`, one, may, onChange })),
  more ? h("li", { key: "more" }, `${more} more conflicts follow when these are settled.`) : null);
});
Conflicts.displayName = "Conflicts";

export function Clashes({ clashes, onMine, onTheirs }) {
  if (!clashes.length) return null;
  return h("section", { className: "notice warn plan-clashes", role: "alert" },
    h("div", { className: "grow stack tight" }, h("h3", null, "Somebody changed the same thing meanwhile"),
      clashes.map((one, at) => h("div", { key: at, className: "stack tight" }, h("p", null, one.words),
        h("div", { className: "row" },
          h("button", { type: "button", className: "button small", onClick: () => onTheirs(one) }, "Keep theirs"),
          h("button", { type: "button", className: "button small", onClick: () => onMine(one) }, "Keep mine"))))));
}

export const KEYS = [
  ["Arrow keys", "go from card to card and from team to team"],
  ["Shift + up or down", "moves the card; beyond the cut-line it leaves the plan or comes in"],
  ["Shift + left or right", "moves the card to the team beside it"],
  ["C", "takes the card across the cut-line"],
  ["P", "pins the card, or takes the pin off"],
  ["X", "leaves the card out, or considers it again"],
  ["Enter", "opens the details: team, scheduling with times, and the reason"],
  ["Ctrl + Z, Ctrl + Shift + Z", "take back your last change, and make it again"],
];
