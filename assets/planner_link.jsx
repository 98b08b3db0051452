import { useCallback, useEffect, useMemo, useRef, useState } from "react";

const PATIENCE_MS = 4000; // then a try is sent again, under the same name
const MOST_TRIES = 12;
const AGAIN_MS = 15000;
const OWN_MS = 50; // one's own edit is heard of while its answer is on its way, and once more when all is final

function token() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// What this tab has sent and has no answer to yet, in its order: one at a time is on its way, and none is lost.
export function useSending({ head, got, answers, onSend }) {
  const [waiting, setWaiting] = useState([]);
  const [lost, setLost] = useState("");
  const flight = useRef({ token: "", at: 0, tries: 0 });
  const latest = useRef({});
  const told = useMemo(() => new Set(answers.map((one) => one.token)), [answers]);
  latest.current = { waiting, onSend, got, told };

  const push = useCallback((one) => {
    const { op, token: name, seen, changes } = one;
    const now = flight.current;
    flight.current = { token: name, at: Date.now(), tries: now.token === name ? now.tries + 1 : 1 };
    latest.current.onSend(JSON.stringify({ op, token: name, seen, changes, got: latest.current.got }));
  }, []);

  useEffect(() => {
    setWaiting((before) => (before.some((one) => told.has(one.token)) ? before.filter((one) => !told.has(one.token)) : before));
  }, [told]);
  // What is answered is over in the same moment as what the answer came with is shown.
  const open = useMemo(() => waiting.filter((one) => !told.has(one.token)), [waiting, told]);

  useEffect(() => {
    const first = waiting[0];
    if (!first) return undefined;
    if (flight.current.token !== first.token) push(first);
    const timer = setInterval(() => {
      const { token: name, at, tries } = flight.current;
      if (name !== first.token || Date.now() - at < PATIENCE_MS) return;
      if (tries < MOST_TRIES) {
        push(first);
      } else {
        setLost("Some changes could not be sent and are not made. Load the page again to see how the queue stands.");
        setWaiting([]);
      }
    }, 500);
    return () => clearInterval(timer);
  }, [waiting, push]);

  const send = useCallback((op, changes = [], seen = undefined) => {
    setLost("");
    const one = { op, changes, seen: seen === undefined ? head : seen, token: token() };
    const { token: name } = flight.current;
    // Where nothing is on its way it goes at once, not after what it changes has been painted.
    if (!latest.current.waiting.length && (!name || latest.current.told.has(name))) push(one);
    setWaiting((before) => [...before, one]);
  }, [head, push]);
  const again = useCallback(() => {
    const first = latest.current.waiting[0];
    if (first) push(first);
  }, [push]);
  return { waiting: open, lost, send, again };
}

// Hears that somebody edited this queue. After each silence the page asks what it has missed.
export function useHearing({ queue, heard, busy, onChange, onBack }) {
  const latest = useRef({});
  latest.current = { heard, busy, onChange, onBack };
  const [silent, setSilent] = useState(false);
  useEffect(() => {
    let stream = null;
    let timer = 0;
    let asked = "";
    let opened = 0;
    let later = 0;
    // What is heard beside one's own edit is asked for in one go, after the answer to that.
    function ask() {
      later = 0;
      if (latest.current.busy) later = setTimeout(ask, OWN_MS);
      else if (asked !== latest.current.heard) latest.current.onChange();
    }
    function tune() {
      const wanted = document.visibilityState === "visible";
      if (!wanted && stream) {
        stream.close();
        stream = null;
      }
      if (!wanted || stream || !queue) return;
      stream = new EventSource(`/live/queue?queue=${encodeURIComponent(queue)}`);
      const mine = stream;
      stream.onopen = () => {
        setSilent(false);
        opened += 1;
        if (opened > 1) latest.current.onBack();
      };
      stream.onmessage = (message) => {
        if (message.data === latest.current.heard || message.data === asked) return;
        asked = message.data;
        if (latest.current.busy && !later) later = setTimeout(ask, OWN_MS);
        else if (!later) latest.current.onChange();
      };
      stream.onerror = () => {
        setSilent(true);
        if (mine.readyState !== EventSource.CLOSED || stream !== mine) return;
        stream = null;
        timer = setTimeout(tune, AGAIN_MS);
      };
    }
    function gone() {
      setSilent(true);
    }
    function back() {
      setSilent(false);
      latest.current.onBack();
    }
    tune();
    document.addEventListener("visibilitychange", tune);
    window.addEventListener("offline", gone);
    window.addEventListener("online", back);
    return () => {
      document.removeEventListener("visibilitychange", tune);
      window.removeEventListener("offline", gone);
      window.removeEventListener("online", back);
      clearTimeout(timer);
      clearTimeout(later);
      if (stream) stream.close();
    };
  }, [queue]);
  return silent;
}
