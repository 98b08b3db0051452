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
