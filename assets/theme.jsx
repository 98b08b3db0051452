import { useContext, useEffect } from "react";
import { ColorModeContext } from "$/utils/context";

const KEY = "profile-theme";

// Applies the theme of the profile once on each device, whenever it changes there. The switch in the bar goes on from it.
export function ThemeOf({ theme }) {
  const { setColorMode } = useContext(ColorModeContext);
  useEffect(() => {
    if (!theme) return;
    try {
      const held = localStorage.getItem(KEY) || "system";
      if (held === theme) return;
      localStorage.setItem(KEY, theme);
    } catch {
      return; // where nothing may be kept, the device decides
    }
    setColorMode(theme);
  }, [theme, setColorMode]);
  return null;
}
