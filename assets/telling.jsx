import { useEffect } from "react";
import { toast } from "sonner";
import { refs } from "$/utils/state";

const KINDS = { good: toast.success, bad: toast.error };

function tell(text) {
  const { kind, message, detail, seconds } = JSON.parse(text);
  if (kind === "leave") {
    if (/^\/(?![/\\])/.test(message)) window.location.replace(message);
    return;
  }
  (KINDS[kind] || toast)(message, { description: detail || undefined, duration: seconds * 1000 });
}

// The server speaks by setting the value of this "field" (ui/telling.py): its own toasts would need eval.
export function Teller() {
  useEffect(() => {
    const field = {
      set value(text) {
        tell(text);
      },
    };
    refs.ref_teller = { current: field };
    return () => {
      if (refs.ref_teller && refs.ref_teller.current === field) delete refs.ref_teller;
    };
  }, []);
  return null;
}
