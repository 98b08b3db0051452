import { createElement, useEffect, useRef, useState } from "react";

const STEPS = [
  [60, "second", 1],
  [3600, "minute", 60],
  [86400, "hour", 3600],
  [86400 * 30, "day", 86400],
  [86400 * 365, "month", 86400 * 30],
  [Infinity, "year", 86400 * 365],
];

function words(iso) {
  const seconds = (Date.now() - Date.parse(iso)) / 1000;
  if (!Number.isFinite(seconds)) return "";
  if (seconds < 10) return "just now";
  const [, unit, length] = STEPS.find(([limit]) => seconds < limit);
  const format = new Intl.RelativeTimeFormat("en", { numeric: "always" });
  return format.format(-Math.floor(seconds / length), unit);
}

export function Ago({ iso, prefix, exact }) {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 20000);
    return () => clearInterval(timer);
  }, []);
  if (!iso) return null;
  return createElement("time", { dateTime: iso, title: exact || undefined }, `${prefix || ""}${words(iso)}`);
}

export function Every({ seconds, onTick }) {
  const latest = useRef(onTick);
  latest.current = onTick;
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") latest.current();
    }, seconds * 1000);
    return () => clearInterval(timer);
  }, [seconds]);
  return null;
}

// The one stream of this tab: which state of the numbers the server knows of. Nobody looks, no stream.
const AGAIN_MS = 30000; // after an answer that is no stream: signed out, or a proxy in the way
const hearers = new Set();
let stream = null;
let newest = "";
let asked = "";
// A form is on its way, such as signing out: its answer says where to go, and must not be overtaken.
let leaving = false;

function tune() {
  const wanted = hearers.size > 0 && document.visibilityState === "visible";
  if (!wanted && stream) {
    stream.close();
    stream = null;
  }
  if (!wanted || stream) return;
  const opened = new EventSource("/live");
  stream = opened;
  opened.onmessage = (message) => {
    newest = message.data;
    hearers.forEach((hear) => hear());
  };
  // The session is over: what is on the screen is no longer this visitor's to see.
  opened.addEventListener("over", () => {
    opened.close();
    if (!leaving) window.location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
  });
  opened.onerror = () => {
    if (opened.readyState !== EventSource.CLOSED || stream !== opened) return;
    stream = null;
    setTimeout(tune, AGAIN_MS);
  };
}

if (typeof document !== "undefined") {
  document.addEventListener("visibilitychange", tune);
  window.addEventListener("beforeunload", () => {
    leaving = true;
    setTimeout(() => (leaving = false), 10000); // it was a download, or it was stopped
  });
}

export function Live({ seen, onChange }) {
  const latest = useRef({});
  latest.current = { seen, onChange };
  const compare = useRef(() => {
    const { seen: shown, onChange: fire } = latest.current;
    // Asked once for each state: with several web processes the names never become equal.
    if (!shown || !newest || newest === shown || newest === asked) return;
    asked = newest;
    fire();
  }).current;
  useEffect(() => {
    hearers.add(compare);
    tune();
    return () => {
      hearers.delete(compare);
      setTimeout(tune, 1000); // the next page has its own hearer by then
    };
  }, [compare]);
  useEffect(compare, [seen, compare]);
  return null;
}

const WAS_MS = 12000;

export function Was({ text }) {
  const [shown, show] = useState("");
  useEffect(() => {
    show(text || "");
    if (!text) return undefined;
    const timer = setTimeout(() => show(""), WAS_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return shown ? createElement("span", { className: "was" }, shown) : null;
}

// A native modal dialog that follows `open`: the browser keeps the focus inside, Esc closes it.
export function Drawer({ open, label, onClose, children }) {
  const dialog = useRef(null);
  useEffect(() => {
    const element = dialog.current;
    if (open && !element.open) element.showModal();
    if (!open && element.open) element.close();
  }, [open]);
  const outside = (event) => {
    if (event.target === dialog.current) dialog.current.close();
  };
  const closed = () => {
    if (open) onClose();
  };
  return createElement(
    "dialog",
    { ref: dialog, className: "drawer", "aria-label": label, onClose: closed, onClick: outside },
    children,
  );
}

export function PageTitle({ text }) {
  useEffect(() => {
    if (text) document.title = `${text} · Sprint Reports`;
  }, [text]);
  return null;
}

// Keeps what a form sent until the next page: a form that is refused comes back filled in.
export function Resent({ field, then }) {
  useEffect(() => {
    const input = document.getElementById(field);
    const key = `sent-${field}`;
    const keep = () => store((kept) => kept.setItem(key, input.value));
    const sent = store((kept) => kept.getItem(key));
    store((kept) => kept.removeItem(key));
    const problem = new URLSearchParams(window.location.search).get("problem");
    if (sent && problem && problem !== "left" && !input.value) {
      input.value = sent;
      document.getElementById(then).focus();
    }
    input.form.addEventListener("submit", keep);
    return () => input.form.removeEventListener("submit", keep);
  }, [field, then]);
  return null;
}

function store(use) {
  try {
    return use(sessionStorage);
  } catch {
    return null; // switched off in this browser
  }
}
