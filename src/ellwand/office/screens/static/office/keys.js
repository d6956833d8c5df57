// Says aloud what goes wrong with a security key, where the key's own script would only write to the console.
const said = document.querySelector("script[data-failed]").dataset.failed;
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  let place = document.getElementById("key-failed");
  if (!place) {
    place = document.createElement("p");
    place.id = "key-failed";
    place.className = "note error";
    place.setAttribute("role", "alert");
    document.querySelector("main h1").after(place);
  }
  place.textContent = said;
});
