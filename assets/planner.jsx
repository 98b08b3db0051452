import { createElement as h, memo, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { NOTHING, bringing, expected, insiders, patched } from "$/public/planner_expect.jsx";
import { useHearing, useSending } from "$/public/planner_link.jsx";
import { Card, Clashes, ColumnHead, Conflicts, Cut, Details, KEYS, Strip } from "$/public/planner_parts.jsx";

const FIRST = 60; // cards of a team at first, and more of them at each asking
const LONG = 2 * FIRST; // a list with more cards leaves those out of sight undrawn; with fewer, that costs each frame more than it saves
const FOLLOW_MS = 2500; // the focus goes where a moved card goes
const NARROW = "(max-width: 860px)";

function useNarrow() {
  const [narrow, setNarrow] = useState(false);
  useEffect(() => {
    const query = window.matchMedia(NARROW);
    const look = () => setNarrow(query.matches);
    look();
    query.addEventListener("change", look);
    return () => query.removeEventListener("change", look);
  }, []);
  return narrow;
}

// The figures, lists and conflicts that the server has sent, patch by patch; several may come at once. What a patch does not name is the
// same object as before, so that it is not drawn again.
function useHeld(lists) {
  const held = useRef(NOTHING);
  return useMemo(() => {
    held.current = lists.reduce(patched, held.current);
    return held.current;
  }, [lists]);
}

// A team's cards with its cut-line: drawn again when these are others.
const List = memo(({ list, column, tab, may, dragged, wide, on }) => {
  const part = (side) => list.cards.filter((it) => it.side === side);
  const [inside, below, aside] = ["in", "below", "aside"].map(part);
  const card = (it) => h(Card, { key: it.id, card: it, team: column.id, may, active: it.id === tab, dragged: dragged === it.id, wide, on });
  const cut = list.of > list.cards.length && !below.length && !aside.length ? null : h(Cut, { key: "cut", column });
  return h("ul", { className: list.cards.length > LONG ? "plan-list long" : "plan-list" },
    inside.map(card), cut, below.map(card),
    aside.length ? h("li", { className: "plan-aside fine", key: "aside" }, "Aside: takes no part") : null,
    aside.map(card));
});
List.displayName = "List";

export function Planner({ queue, head, final, may, heard, told, totals, rules, algorithms, weights, lists, answers, onSend, onWant, onCatchUp }) {
  const { number: got, columns, teams: held, conflicts, torn } = useHeld(lists);
  const { waiting, lost, send, again } = useSending({ head, got, answers, onSend });
  const asked = useRef({});
  const calls = useRef({});
  calls.current = { ...calls.current, onWant: (wanted) => onWant(wanted, got), onCatchUp: () => onCatchUp(got), onTorn: () => onCatchUp(-1) };
  const back = useCallback(() => {
    const open = Object.entries(asked.current);
    if (open.length) calls.current.onWant(open.map(([team, most]) => `${team}:${most}`).join(","));
    else calls.current.onCatchUp();
    again();
  }, [again]);
  useEffect(() => {
    if (torn) calls.current.onTorn();
  }, [torn]);
  const silent = useHearing({ queue, heard, busy: waiting.length > 0, onChange: () => calls.current.onCatchUp(), onBack: back });
  const view = useMemo(() => expected(held, columns, waiting), [held, columns, waiting]);
  const [at, setAt] = useState(0);
  const [only, setOnly] = useState("");
  const [open, setOpen] = useState(null);
  const [dragged, setDragged] = useState(null);
  const [over, setOver] = useState("");
  const [said, setSaid] = useState("");
  const [clashes, setClashes] = useState([]);
  const known = useRef(new Set());
  const board = useRef(null);
  const refocus = useRef({ id: 0, until: 0 });
  const narrow = useNarrow();
  const chosen = columns.some((one) => one.id === only) ? only : narrow && columns.length ? columns[0].id : "";
  const shown = chosen ? view.columns.filter((one) => one.id === chosen) : view.columns;
  // Each list has one card that Tab goes to: where the focus was, else its first.
  const stop = (team) => {
    const { cards } = view.lists[team];
    return cards.some((card) => card.id === at) ? at : cards.length ? cards[0].id : 0;
  };
  // Kept here until somebody settles them: a page that loads itself again forgets its answers.
  useEffect(() => {
    const fresh = answers.flatMap((one) => one.clashes.map((clash, place) => ({ ...clash, name: `${one.token} ${place}` })))
      .filter((one) => !known.current.has(one.name));
    fresh.forEach((one) => known.current.add(one.name));
    if (fresh.length) setClashes((before) => [...before, ...fresh]);
  }, [answers]);
  const settle = (one) => setClashes((before) => before.filter((other) => other.name !== one.name));

  const want = useCallback((team, most) => {
    if ((asked.current[team] || 0) >= most) return;
    asked.current[team] = most;
    calls.current.onWant(`${team}:${most}`);
  }, []);

  useEffect(() => {
    const here = board.current;
    if (!here) return undefined;
    const looking = new IntersectionObserver((entries) => entries.forEach((entry) => {
      if (entry.isIntersecting && !entry.target.dataset.loaded) want(entry.target.dataset.team, FIRST);
    }), { rootMargin: "200px 600px" });
    here.querySelectorAll("[data-team]").forEach((column) => looking.observe(column));
    return () => looking.disconnect();
  }, [columns.length, chosen, want]);

  useEffect(() => {
    const { id, until } = refocus.current;
    if (!id || !board.current || Date.now() > until) return;
    const held = document.activeElement;
    if (held && held !== document.body && !held.matches("[data-card]")) return; // somebody has gone on to something else
    const card = board.current.querySelector(`[data-card="${id}"]`);
    if (card && card !== held) card.focus();
  });

  // Who goes to another card meanwhile stays there: the next key is about that one.
  function focused(id) {
    if (refocus.current.id !== id) refocus.current = { id: 0, until: 0 };
    setAt(id);
  }

  const follow = (id) => { refocus.current = { id, until: Date.now() + FOLLOW_MS }; };

  const change = useCallback((changes, words = "", seen = undefined) => {
    if (!may || !changes.length) return;
    setSaid(words);
    send("edit", changes, seen);
  }, [may, send]);

  const suggested = useCallback((changes) => calls.current.change(changes, "The suggestion is applied."), []);
  const ruled = useCallback((changes) => calls.current.change(changes, "The plan is made anew."), []);

  function focusOn(team, place) {
    const list = view.lists[team];
    if (!list || !list.cards.length) return;
    const card = list.cards[Math.max(0, Math.min(list.cards.length - 1, place))];
    follow(card.id);
    setAt(card.id);
  }

  function step(card, team, how) {
    const list = view.lists[team].cards;
    const place = list.findIndex((one) => one.id === card.id);
    const inside = insiders(list);
    follow(card.id);
    if (how === "up" && place > 0) {
      const top = card.side === "in" ? place - 1 : inside;
      change(bringing(card, team, team, top, true), `${card.key} moves to place ${top + 1}.`);
    } else if (how === "down" && card.side === "in") {
      const out = place >= inside - 1;
      change(bringing(card, team, team, place + 1, !out), out ? `${card.key} leaves the plan.` : `${card.key} moves to place ${place + 2}.`);
    }
  }

  function beside(team, by) {
    const place = view.columns.findIndex((one) => one.id === team) + by;
    return view.columns[place];
  }

  function onKey(event, card, team) {
    if (event.target !== event.currentTarget || event.altKey) return;
    const list = view.lists[team].cards;
    const place = list.findIndex((one) => one.id === card.id);
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (event.ctrlKey || event.metaKey) return;
    const sideways = { ArrowLeft: -1, ArrowRight: 1 }[key];
    if (event.shiftKey) {
      if (key === "ArrowUp") step(card, team, "up");
      else if (key === "ArrowDown") step(card, team, "down");
      else if (sideways) {
        const to = beside(team, sideways);
        follow(card.id);
        if (to) change(bringing(card, team, to.id, 0, false), `${card.key} goes to ${to.name}.`);
      } else return;
    } else if (key === "ArrowUp" || key === "ArrowDown") focusOn(team, place + (key === "ArrowUp" ? -1 : 1));
    else if (sideways) {
      const to = beside(team, sideways);
      if (to) focusOn(to.id, place);
    } else if (key === "Home" || key === "End") focusOn(team, key === "Home" ? 0 : list.length - 1);
    else if (key === "Enter" || key === " ") setOpen({ card, team });
    else if (key === "p") toggle(card, card.pinned ? "unpin" : "pin", card.pinned ? "is free again" : "is pinned");
    else if (key === "x") toggle(card, card.excluded ? "include" : "exclude", card.excluded ? "is considered again" : "is left out");
    else if (key === "c") toggle(card, card.side === "in" ? "exclude" : "pin", card.side === "in" ? "leaves the plan" : "comes into the plan");
    else return;
    event.preventDefault();
  }

  function toggle(card, kind, words) {
    follow(card.id);
    change([{ kind, issue: card.id }], `${card.key} ${words}.`);
  }

  function steps(op) {
    setSaid(op === "undo" ? "The last change is undone." : "The change is made again.");
    send(op);
  }

  function onBoardKey(event) {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.target.matches("input, select, textarea")) return;
    const key = event.key.toLowerCase();
    if (key === "z") steps(event.shiftKey ? "redo" : "undo");
    else if (key === "y") steps("redo");
    else return;
    event.preventDefault();
  }

  function whereTo(event, team) {
    const items = [...event.currentTarget.querySelectorAll(".plan-item, .plan-cut")];
    const others = items.filter((item) => !item.querySelector(`[data-card="${dragged.card.id}"]`));
    const before = others.filter((item) => {
      const box = item.getBoundingClientRect();
      return box.top + box.height / 2 < event.clientY;
    });
    const above = !before.some((item) => item.matches(".plan-cut"));
    return { team, above, at: before.filter((item) => item.dataset.side === "in").length };
  }

  function drop(event, team) {
    event.preventDefault();
    setOver("");
    if (!dragged) return;
    const to = whereTo(event, team);
    const changes = bringing(dragged.card, dragged.team, team, to.at, to.above && Boolean(view.lists[team]));
    setDragged(null);
    change(changes, changes.length ? `${dragged.card.key} is moved.` : "The order below the cut-line follows from the plan.");
  }

  // The same functions for good: a card is drawn again when it is another one, not when anything else is.
  calls.current = { ...calls.current, focused, onKey, change };
  const on = useMemo(() => ({
    focus: (id) => calls.current.focused(id),
    key: (event, it, team) => calls.current.onKey(event, it, team),
    open: (it, team) => setOpen({ card: it, team }),
    drag: (it, team) => setDragged({ card: it, team }),
    drop: () => { setDragged(null); setOver(""); },
  }), []);

  const column = (one) => {
    const list = view.lists[one.id];
    const follows = told.length > 0 && !told.includes(one.id);
    const tab = list ? stop(one.id) : 0;
    const more = list && list.of > list.cards.length;
    return h("section", {
      key: one.id, className: `plan-column${over === one.id ? " over" : ""}${follows ? " follows" : ""}`, "aria-busy": follows || undefined, "data-team": one.id, "data-loaded": list ? "yes" : undefined, "aria-label": one.name,
      onDragOver: (event) => { if (dragged) { event.preventDefault(); setOver(one.id); } },
      onDragLeave: (event) => { if (!event.currentTarget.contains(event.relatedTarget)) setOver(""); },
      onDrop: (event) => drop(event, one.id),
    },
    h(ColumnHead, { column: one }),
    list ? h(List, { list, column: one, tab, may, dragged: dragged ? dragged.card.id : 0, wide: Boolean(chosen), on })
      : h("p", { className: "quiet panel-body" }, "The list comes when it is in sight."),
    more ? h("button", { type: "button", className: "button small plan-next", onClick: () => want(one.id, Math.min(5000, list.cards.length + 4 * FIRST)) },
      `Show more (${list.of - list.cards.length})`) : null);
  };

  const problem = answers.length ? answers[answers.length - 1].problem : "";
  const inside = view.columns.reduce((sum, one) => sum + one.in, 0);
  const below = view.columns.reduce((sum, one) => sum + one.out, 0);
  const figure = (label, value, note) => h("div", { className: "kpi", key: label }, h("div", { className: "kpi-label" }, label),
    h("div", { className: "kpi-value" }, value), note ? h("div", { className: "kpi-note" }, note) : null);
  const odd = totals.errors + totals.warnings + totals.notes;
  return h("div", { className: "stack planner", ref: board, onKeyDown: onBoardKey, "data-head": head, "data-final": final ? "yes" : "no" },
    silent || lost ? h("div", { className: "notice warn", role: "status" }, lost || (waiting.length
      ? `The connection is lost. ${waiting.length === 1 ? "Your last change is" : `${waiting.length} changes are`} kept here and sent when it is back.`
      : "The connection is lost. What others change shows when it is back.")) : null,
    h(Clashes, {
      clashes,
      onTheirs: settle,
      onMine: (one) => {
        settle(one);
        if (one.op === "edit") change([one.change], "Your change is made again.", one.seen);
        else send(one.op, [], one.seen);
      },
    }),
    h("div", { className: final ? "kpis" : "kpis follows", "aria-busy": !final || undefined },
      figure("In the plan", inside, `${below} below the cut-line, ${totals.aside} aside`),
      figure("Full teams", `${totals.full}`, `of ${totals.teams}`),
      figure("Fairness", totals.fair || "—", totals.wait ? `longest wait ${totals.wait} ${totals.wait === 1 ? "round" : "rounds"}` : "of 100"),
      figure("Conflicts", `${odd}`, [[totals.errors, "error"], [totals.warnings, "warning"]].map(([count, word]) => `${count} ${word}${count === 1 ? "" : "s"}`).join(", "))),
    totals.quality ? h("p", { className: "fine", role: "status" }, totals.quality) : null,
    may ? h(Strip, { rules, algorithms, weights, final, onChange: ruled }) : null,
    h("div", { className: "row plan-tools" },
      may ? h("button", { type: "button", className: "button", onClick: () => steps("undo") }, "Undo") : null,
      may ? h("button", { type: "button", className: "button", onClick: () => steps("redo") }, "Redo") : null,
      h("label", { className: "row" }, h("span", { className: "fine" }, "Show"),
        h("select", { name: "plan-team", value: chosen, onChange: (event) => setOnly(event.target.value) },
          narrow ? null : h("option", { value: "" }, "All teams side by side"),
          columns.map((one) => h("option", { key: one.id, value: one.id }, one.name)))),
      h("span", { className: "fine", role: "status", "data-waiting": waiting.length }, waiting.length ? "Saving" : problem || said),
      may ? h("details", { className: "plan-keys" }, h("summary", null, "Keys"),
        h("dl", null, KEYS.map(([name, text]) => h("div", { key: name }, h("dt", null, name), h("dd", null, text))))) : null),
    h("div", { className: chosen ? "plan-board one" : "plan-board", role: "region", "aria-label": "Teams", tabIndex: 0 }, shown.map(column)),
    h("section", { className: "panel", id: "conflicts" },
      h("header", { className: "panel-head" }, h("h2", null, "Conflicts")),
      h("div", { className: "panel-body" }, h(Conflicts, { conflicts, more: totals.more, may, onChange: suggested }))),
    h(Details, {
      open, may, columns, onClose: () => setOpen(null),
      onChange: (it, changes) => { setOpen(null); follow(it.id); change(changes, `${it.key} is changed.`); },
      onStep: (it, team, how) => { setOpen(null); step(it, team, how); },
    }));
}
