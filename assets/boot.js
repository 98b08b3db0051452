// Runs before the first paint: the saved theme, and the browser's time zone for the server's dates.
(function () {
  var saved = null;
  try { saved = localStorage.getItem("theme"); } catch (error) { saved = null; }
  var dark = saved === "dark" || (saved !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.classList.add(dark ? "dark" : "light");
  document.documentElement.style.colorScheme = dark ? "dark" : "light";
  var zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
  document.cookie = "tz=" + zone + ";path=/;max-age=31536000;samesite=lax";
  // A popover that holds links closes when one is followed.
  document.addEventListener("click", function (event) {
    var link = event.target instanceof Element ? event.target.closest("[popover] a") : null;
    var open = link ? link.closest("[popover]") : null;
    if (open && open.matches(":popover-open")) open.hidePopover();
  });
})();
