// What a board expects of a change before the server has said what really becomes of it.

export const NOTHING = { number: 0, columns: [], teams: {}, conflicts: [], known: {}, torn: 0 };

function placed(before, { order, fresh }) {
  const every = new Map([...before, ...fresh].map((one) => [one.id, one]));
  return order.map((id) => every.get(id));
}

// What is held, with one patch more. `torn`: the number of a patch that does not follow on what is held.
export function patched(held, patch) {
  if (patch.number <= held.number) return held;
  if (patch.after && patch.after !== held.number) return { ...held, torn: patch.number };
  const before = patch.after ? held : { ...NOTHING, teams: {}, known: {} };
  const teams = { ...before.teams };
  for (const [team, list] of Object.entries(patch.teams)) {
    const cards = new Map([...(teams[team] ? teams[team].cards : []), ...list.cards].map((card) => [card.id, card]));
    teams[team] = { cards: list.order.map((id) => cards.get(id)), of: list.of };
  }
  const columns = patch.columns ? placed(before.columns, patch.columns) : before.columns;
  if (!patch.conflicts) return { ...before, number: patch.number, columns, teams, torn: 0 };
  const every = { ...before.known, ...patch.conflicts.fresh };
  const known = Object.fromEntries(patch.conflicts.order.map((name) => [name, every[name]]));
  const conflicts = patch.conflicts.order.map((name) => known[name]);
  return { number: patch.number, columns, teams, conflicts, known, torn: 0 };
}

function find(lists, issue) {
  for (const [team, list] of Object.entries(lists)) {
    const at = list.cards.findIndex((card) => card.id === issue);
    if (at >= 0) return { team, at, card: list.cards[at] };
  }
  return null;
}

export const insiders = (cards) => cards.filter((card) => card.side === "in").length;

function taken(view, found) {
  const list = view.lists[found.team];
  const cards = list.cards.filter((card) => card.id !== found.card.id);
  return { ...view, lists: { ...view.lists, [found.team]: { ...list, cards, of: list.of - 1 } } };
}

function put(view, team, at, card) {
  const list = view.lists[team];
  if (!list) return view; // its list is not here: the server will send it
  const cards = [...list.cards.slice(0, at), card, ...list.cards.slice(at)];
  return { ...view, lists: { ...view.lists, [team]: { ...list, cards, of: list.of + 1 } } };
}

const WEIGHS = { in: ["load", "in"], below: ["below", "out"], aside: [null, "aside"] };

function counted(columns, team, card, by) {
  return columns.map((column) => {
    if (column.id !== team) return column;
    const [load, count] = WEIGHS[card.side];
    return { ...column, [count]: column[count] + by, ...(load ? { [load]: column[load] + by * card.load } : {}) };
  });
}

function moved(view, found, team, at, changes) {
  const card = { ...found.card, ...changes, expected: true };
  const lighter = counted(view.columns, found.team, found.card, -1);
  return put({ ...taken(view, found), columns: counted(lighter, team, card, 1) }, team, at, card);
}

function expect(view, change) {
  const found = find(view.lists, change.issue);
  if (!found) return view;
  const { card, team } = found;
  const others = view.lists[team].cards.filter((one) => one.id !== card.id);
  const inside = insiders(others);
  switch (change.kind) {
    case "pin": {
      const place = change.position || (card.side === "in" ? found.at + 1 : inside + 1);
      return moved(view, found, team, Math.min(place - 1, inside), { side: "in", pinned: true, excluded: false });
    }
    case "unpin":
      return moved(view, found, team, found.at, { pinned: false });
    case "exclude":
      return moved(view, found, team, others.length, { side: "aside", pinned: false, excluded: true });
    case "include":
      return moved(view, found, team, others.filter((one) => one.side !== "aside").length, { side: "below", excluded: false });
    case "team": {
      const to = change.team === null ? "0" : String(change.team);
      const there = view.lists[to];
      return to === team ? view : moved(view, found, to, there ? insiders(there.cards) : 0, { side: card.side === "aside" ? "aside" : "below" });
    }
    case "timing":
      return moved(view, found, team, found.at, { kind: change.timing.kind });
    case "reset_timing":
      return moved(view, found, team, found.at, {});
    default:
      return view;
  }
}

// The lists and figures with all that was sent and not answered yet.
export function expected(lists, columns, waiting) {
  return waiting.flatMap((one) => one.changes || []).reduce(expect, { lists, columns });
}

// The changes that bring a card to a place of a team's list: `at` among the others, `above` the cut-line or not.
export function bringing(card, from, to, at, above) {
  const team = to === "0" ? null : Number(to);
  const changes = from === to ? [] : [{ kind: "team", issue: card.id, team }];
  if (above) changes.push({ kind: "pin", issue: card.id, position: at + 1 });
  else if (from === to && card.side === "in") changes.push({ kind: "exclude", issue: card.id });
  return changes;
}
