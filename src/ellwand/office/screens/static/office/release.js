// The countdown ticks from the server's own seconds, so that a wrong clock of this machine does not matter; a page that
// waits for the sealing asks how far it is.
const tick = document.querySelector(".tick");
if (tick) {
  const began = performance.now();
  const whole = Number(tick.dataset.seconds);
  const words = tick.dataset.words.split(",");
  const show = () => {
    const left = Math.max(0, Math.round(whole - (performance.now() - began) / 1000));
    const parts = [Math.floor(left / 86400), Math.floor(left / 3600) % 24, Math.floor(left / 60) % 60, left % 60];
    tick.textContent = parts.map((n, k) => `${n}${words[k]}`).join("");
    if (left === 0) {
      clearInterval(timer);
      setTimeout(() => location.reload(), 1500);
    }
  };
  const timer = setInterval(show, 1000);
}

const run = document.querySelector("[data-progress]");
if (run) {
  const bar = run.querySelector("progress");
  const ask = async () => {
    try {
      const answer = await fetch(run.dataset.progress, { headers: { Accept: "application/json" } });
      const told = await answer.json();
      if (told.ended) {
        location.reload();
        return;
      }
      if (told.total) {
        bar.max = told.total;
        bar.value = told.done;
      }
    } catch {
      // The next question may be answered.
    }
    setTimeout(ask, 1000);
  };
  setTimeout(ask, 1000);
}
