// Keeps the app's frame open while the tabs change, and shows what arrives in the record as it arrives.
// Without this script the tabs are ordinary links and "Actualiser" reloads the list.
(() => {
  "use strict";
  const EVERY_MS = 3000;
  const tab = document.getElementById("tab");
  const tabs = document.querySelectorAll(".tabs a");
  const receivedTab = document.getElementById("received-tab");
  if (!tab || !receivedTab) return;

  async function page(url) {
    const response = await fetch(url, { credentials: "same-origin", cache: "no-store" });
    if (!response.ok || response.redirected) throw new Error("signed out");
    return new DOMParser().parseFromString(await response.text(), "text/html");
  }

  function show(fresh, chosen) {
    tab.replaceChildren(...fresh.getElementById("tab").childNodes);
    for (const link of tabs) {
      if (link === chosen) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }

  function onList() {
    return receivedTab.hasAttribute("aria-current");
  }

  async function refresh() {
    const fresh = await page(receivedTab.href);
    document.getElementById("received-count").textContent = fresh.getElementById("received-count").textContent;
    const shown = document.getElementById("received");
    const newer = fresh.getElementById("received");
    if (onList() && (!shown || shown.dataset.version !== newer.dataset.version)) show(fresh, receivedTab);
  }

  for (const link of tabs) {
    link.addEventListener("click", async (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      try {
        show(await page(link.href), link);
      } catch {
        location.assign(link.href);
      }
    });
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest(".refresh a");
    if (!link) return;
    event.preventDefault();
    refresh().catch(() => location.assign(link.href));
  });

  setInterval(() => {
    if (document.visibilityState === "visible") refresh().catch(() => {});
  }, EVERY_MS);
})();
