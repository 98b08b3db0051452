(() => {
  "use strict";
  const root = document.documentElement;
  const printed = root.dataset.printed === "yes";
  const held = document.getElementById("figures");
  const figures = held ? JSON.parse(held.textContent) : [];
  const prefersDark = matchMedia("(prefers-color-scheme: dark)");
  const charts = [...document.querySelectorAll(".chart")];
  let printing = printed;
  root.classList.add("scripted");

  const isDark = () => !printing && (root.dataset.theme ? root.dataset.theme === "dark" : prefersDark.matches);
  // Bars that lie have as much room each, however many there are.
  const heightOf = ({ data, layout }) => {
    const lying = data.some((one) => one.orientation === "h");
    const names = lying && layout.yaxis && layout.yaxis.tickvals ? layout.yaxis.tickvals.length : 0;
    const panels = Object.keys(layout).filter((key) => key.startsWith("xaxis")).length;
    if (panels > 3) return 90 + Math.ceil(panels / 3) * 115;
    return names ? Math.min(Math.max(120 + names * (layout.barmode === "group" ? 30 : 24), 190), 640) : (printed ? 290 : 340) + (data.length > 4 && !layout.grid ? 40 : 0);
  };
  const draw = async (node, width) => {
    const figure = structuredClone(figures[Number(node.dataset.figure)][isDark() ? "dark" : "light"]);
    const high = heightOf(figure);
    node.style.height = `${high}px`;
    figure.layout = { ...figure.layout, height: high, ...(width ? { width, autosize: false } : { autosize: true }) };
    const options = { responsive: !printed, displayModeBar: false, doubleClick: "reset", staticPlot: printed, showTips: false };
    await Plotly.react(node, figure.data, figure.layout, options);
  };
  const drawAll = async (width) => { for (const node of charts) await draw(node, width); };

  const shade = document.getElementById("shade");
  const tellShade = () => shade && shade.setAttribute("aria-pressed", String(isDark()));
  if (shade) {
    shade.hidden = false;
    tellShade();
    shade.addEventListener("click", () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      tellShade();
      drawAll();
    });
    prefersDark.addEventListener("change", () => { tellShade(); drawAll(); });
  }

  const folds = [...document.querySelectorAll(".fold")];
  const unfold = (button, open) => {
    button.setAttribute("aria-expanded", String(open));
    button.firstChild.textContent = open ? "−" : "+";
    document.getElementById(button.getAttribute("aria-controls")).classList.toggle("open", open);
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest(".fold");
    if (button) unfold(button, button.getAttribute("aria-expanded") !== "true");
  });
  const all = document.getElementById("unfold");
  if (all && folds.length) {
    all.hidden = false;
    all.addEventListener("click", () => {
      const open = all.getAttribute("aria-pressed") !== "true";
      all.setAttribute("aria-pressed", String(open));
      folds.forEach((button) => unfold(button, open));
    });
  }

  let shut = [];
  addEventListener("beforeprint", () => {
    if (printed) return;
    printing = true;
    shut = [...document.querySelectorAll("details[data-short]:not([open])")];
    shut.forEach((one) => { one.open = true; });
    drawAll(680);
  });
  addEventListener("afterprint", () => {
    if (printed) return;
    printing = false;
    shut.forEach((one) => { one.open = false; });
    drawAll();
  });

  drawAll().then(() => { root.dataset.drawn = "yes"; }, (error) => { root.dataset.failed = String(error); throw error; });
})();
