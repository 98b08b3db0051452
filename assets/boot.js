// Runs before the first paint: the saved theme, and the browser's time zone for the server's dates.
(function () {
  // The secret of a one-time link leaves the address before Reflex looks at it, which tells the server all of an address.
  if (/^\/(sign-in|invitation)\/?$/.test(location.pathname) && location.hash.length > 1) {
    window.oneTime = location.hash.slice(1);
    history.replaceState(null, "", location.pathname + location.search);
  }
  var saved = null;
  try { saved = localStorage.getItem("theme"); } catch (error) { saved = null; }
  var dark = saved === "dark" || (saved !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.classList.add(dark ? "dark" : "light");
  document.documentElement.style.colorScheme = dark ? "dark" : "light";
  var zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
  var tls = location.protocol === "https:";
  document.cookie = (tls ? "__Host-tz=" : "tz=") + zone + ";path=/;max-age=31536000;samesite=lax" + (tls ? ";secure" : "");
  document.documentElement.dataset.keys = /Mac|iPhone|iPad/.test(navigator.platform) ? "mac" : "other";
  // To the content with the focus alone: a followed link would put #content in place of the filters in the address.
  document.addEventListener("click", function (event) {
    var skip = event.target instanceof Element ? event.target.closest("a.skip") : null;
    if (!skip) return;
    event.preventDefault();
    event.stopPropagation();
    document.getElementById("content").focus();
  }, true);
  // A popover that holds links closes when one is followed.
  document.addEventListener("click", function (event) {
    var link = event.target instanceof Element ? event.target.closest("[popover] a") : null;
    var open = link ? link.closest("[popover]") : null;
    if (open && open.matches(":popover-open")) open.hidePopover();
  });
  document.addEventListener("toggle", function (event) {
    if (event.target.id === "search-all" && event.newState === "open") event.target.querySelector("input").select();
  }, true);
  // Search: opened from anywhere, and walked through with the arrow keys.
  document.addEventListener("keydown", function (event) {
    var panel = document.getElementById("search-all");
    if (!panel) return;
    if ((event.metaKey || event.ctrlKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      panel.togglePopover();
      return;
    }
    if (!panel.matches(":popover-open") || ["ArrowDown", "ArrowUp", "Enter", "Escape"].indexOf(event.key) < 0) return;
    if (event.key === "Escape") { // a search field would only empty itself
      event.preventDefault();
      panel.hidePopover();
      return;
    }
    var input = panel.querySelector("input");
    if (event.key === "Enter") {
      if (document.activeElement === input) { event.preventDefault(); openFirst(panel, input.value, 20); }
      return;
    }
    var stops = [input].concat(Array.prototype.slice.call(panel.querySelectorAll(".search-hit")));
    var next = stops.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
    if (!panel.contains(document.activeElement) || next < 0 || next >= stops.length) return;
    event.preventDefault();
    stops[next].focus();
  });
  // The first hit, once the hits are those of what was typed last: fast fingers are ahead of the answer.
  function openFirst(panel, words, tries) {
    var box = panel.querySelector(".search-hits");
    var first = box.querySelector(".search-hit");
    if (box.dataset.words === words) { if (first) first.click(); }
    else if (tries && panel.matches(":popover-open") && panel.querySelector("input").value === words) {
      setTimeout(function () { openFirst(panel, words, tries - 1); }, 100);
    }
  }
})();
