// While a compilation runs: ask how far it has come, and show the result when it is there.
const place = document.querySelector("[data-progress]");
const bar = place?.querySelector("progress");
const count = place?.querySelector(".count");

async function look() {
  let told;
  try {
    const answer = await fetch(place.dataset.progress, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    told = await answer.json();
  } catch {
    setTimeout(look, 3000);
    return;
  }
  if (told.state !== "running") {
    location.reload();
    return;
  }
  if (told.total) {
    bar.max = told.total;
    bar.value = told.done;
    count.textContent = `${told.done} / ${told.total} ${count.dataset.words}`;
  }
  setTimeout(look, 700);
}

if (place) setTimeout(look, 500);
