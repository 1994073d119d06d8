/* Comfort only: every page does its job without this file. */
(() => {
  const $ = (s, r = document) => r.querySelector(s);
  const form = $("form[data-draft]");
  if (form) {
    const out = $("output b", form), count = $("output span", form);
    const items = Number(form.dataset.items);
    let timer;
    const tally = () => {
      if (!out) return;
      const on = [...form.querySelectorAll("input[data-w]:checked")];
      const sum = on.reduce((n, i) => n + Number(i.dataset.w), 0);
      const done = on.length === items;
      out.textContent = (on.length ? sum : "–") + " / " + form.dataset.max;
      count.textContent = done ? form.dataset.whole : form.dataset.part.replace("#", on.length);
    };
    const save = () => (timer = 0) || fetch(form.dataset.draft, { method: "POST", body: new FormData(form), keepalive: true }).catch(() => {});
    form.addEventListener("input", (e) => {
      tally();
      const box = e.target.closest("fieldset");
      if (box) box.classList.remove("todo");
      if (box && box.matches(".risk")) box.nextElementSibling.classList.toggle("on", e.target.matches(".flag"));
      clearTimeout(timer);
      timer = setTimeout(save, 300);
    });
    /* 0 to 4 answers the question that has the focus and goes to the next one. */
    form.addEventListener("keydown", (e) => {
      const box = e.target.matches("input[type=radio]") && e.target.closest("fieldset");
      const hit = box && /^[0-4]$/.test(e.key) && box.querySelectorAll("input")[e.key];
      if (!hit) return;
      hit.click();
      const boxes = [...form.querySelectorAll("fieldset")];
      const next = boxes[boxes.indexOf(box) + 1];
      ((next && next.offsetParent && $("input", next)) || $("button", form)).focus();
    });
    form.addEventListener("submit", () => (timer = clearTimeout(timer)));
    addEventListener("pagehide", () => timer && save());
  }
  const first = $(".todo input, .todo textarea");
  if (first) first.focus();
  const copy = $("[data-copy]");
  if (copy) {
    copy.hidden = false;
    copy.addEventListener("click", () => {
      const text = $(copy.dataset.copy);
      text.select();
      if (document.execCommand("copy")) copy.textContent = copy.dataset.done;
    });
  }
})();
