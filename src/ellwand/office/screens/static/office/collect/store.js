// What is kept on the phone: the list of each user, and every entry from the moment when it was made.
// An entry counts as saved only when its transaction is complete.

let opened = null;

function wait(request) {
  return new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
}

export function open() {
  opened ??= new Promise((done, failed) => {
    const request = indexedDB.open("ellwand-collect", 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("lists", { keyPath: "user.id" });
      request.result.createObjectStore("entries", { keyPath: "key" }).createIndex("user", "user");
    };
    request.onsuccess = () => {
      // Another tab with a newer version must not wait for this one.
      request.result.onversionchange = () => { request.result.close(); opened = null; };
      done(request.result);
    };
    request.onerror = () => { opened = null; failed(request.error); };
  });
  return opened;
}

async function write(store, rows) {
  const db = await open();
  return new Promise((done, failed) => {
    const act = db.transaction(store, "readwrite", { durability: "strict" });
    for (const row of rows) act.objectStore(store).put(row);
    act.oncomplete = () => done();
    act.onerror = act.onabort = () => failed(act.error);
  });
}

export const keepList = (list) => write("lists", [list]);
export const keep = (...entries) => write("entries", entries);

export async function lists() {
  const db = await open();
  return wait(db.transaction("lists").objectStore("lists").getAll());
}

export async function entries() {
  const db = await open();
  const found = await wait(db.transaction("entries").objectStore("entries").getAll());
  return found.sort((a, b) => a.made_at.localeCompare(b.made_at) || a.number - b.number);
}

// Entries of rounds that are over leave the phone, once they were sent.
export async function forget(keys) {
  if (!keys.length) return;
  const db = await open();
  const act = db.transaction("entries", "readwrite");
  for (const key of keys) act.objectStore("entries").delete(key);
  await new Promise((done, failed) => { act.oncomplete = done; act.onerror = () => failed(act.error); });
}
