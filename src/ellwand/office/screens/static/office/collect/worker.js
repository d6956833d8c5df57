// Keeps the pages themselves on the phone. Prices are kept by the pages; nothing of the record stays here.
/* global VERSION, FILES */
const NAME = `ellwand-collect-${VERSION}`;
const SHELL = "/office/collect/";

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(NAME);
    for (const file of FILES) {
      const answer = await fetch(file, { cache: "reload", credentials: "same-origin" });
      // A page that leads to signing in is not the one that is wanted: the old version stays.
      if (!answer.ok || answer.redirected) throw new Error(`${file}: ${answer.status}`);
      await cache.put(file, answer);
    }
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name.startsWith("ellwand-collect-") && name !== NAME) await caches.delete(name);
    await self.clients.claim();
  })());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { pathname, origin } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (pathname !== SHELL && !FILES.includes(pathname)) return;
  event.respondWith((async () => {
    const cache = await caches.open(NAME);
    return (await cache.match(pathname)) ?? fetch(request);
  })());
});
