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
  const draw = async (node, width) => {
    const figure = structuredClone(figures[Number(node.dataset.figure)][isDark() ? "dark" : "light"]);
    figure.layout = { ...figure.layout, ...(width ? { width, autosize: false } : { autosize: true }) };
    const options = { responsive: !printed, displaylogo: false, staticPlot: printed, showTips: false };
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
