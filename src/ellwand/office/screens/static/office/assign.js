// Copies a link to the clipboard; without it the link is marked and copied by hand.
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const place = button.parentElement.querySelector("input");
    try {
      await navigator.clipboard.writeText(place.value);
      button.textContent = button.dataset.done;
    } catch {
      place.select();
    }
  });
}
