/* Comfort only: every page works without it. */
(() => {
  const $ = (s, r = document) => r.querySelector(s);
  const form = $("form[data-draft]");
  if (form) {
    const { draft, items, max, whole, part } = form.dataset;
    const out = $("output", form);
    let timer;
    const tally = () => {
      const on = [...form.querySelectorAll("input[data-w]:checked")];
      const sum = on.reduce((n, i) => n + +i.dataset.w, 0);
      $("b", out).textContent = (on.length ? sum : "–") + " / " + max;
      $("span", out).textContent = on.length == items ? whole : part.replace("#", on.length);
    };
    const save = () => {
      timer = 0;
      fetch(draft, { method: "POST", body: new FormData(form), keepalive: true }).catch(() => 0);
    };
    form.addEventListener("input", ({ target }) => {
      if (out) tally();
      const box = target.closest("fieldset");
      if (box) box.classList.remove("todo");
      if (box?.matches(".risk")) box.nextElementSibling.classList.toggle("on", target.matches(".flag"));
      clearTimeout(timer);
      timer = setTimeout(save, 300);
    });
    form.addEventListener("submit", () => (timer = clearTimeout(timer)));
    onpagehide = () => timer && save();
    onpageshow = () => out && tally();
    /* 0 to 4 answers the question in focus and goes to the next one. */
    form.addEventListener("keydown", ({ target, key }) => {
      const box = target.matches("[data-w]") && target.closest("fieldset");
      const hit = box && /^[0-4]$/.test(key) && box.querySelectorAll("input")[key];
      if (!hit) return;
      hit.click();
      const all = [...form.querySelectorAll("[data-w]")];
      (all[all.lastIndexOf([...box.querySelectorAll("input")].pop()) + 1] || $("button", form)).focus();
    });
  }
  $(".todo input, .todo textarea")?.focus();
  const copy = $("[data-copy]");
  if (copy) {
    copy.hidden = false;
    copy.onclick = () => {
      $(copy.dataset.copy).select();
      if (document.execCommand("copy")) copy.textContent = copy.dataset.done;
    };
  }
})();
