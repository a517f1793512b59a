// Tiny and blocking, in <head>, so that what this device chose never flashes. Not a module: those are deferred.
// A choice made on this device ("dark|", kept with what the profile said then) holds until the profile says something new.
try {
  const root = document.documentElement;
  const asked = new URLSearchParams(location.search);
  for (const name of ["theme", "density", "keys"]) {
    const said = root.dataset[name] || "";
    root.dataset[`${name}Said`] = said;
    const [chosen, saidThen] = (localStorage.getItem(name) || "").split("|");
    const value = asked.get(name) || (saidThen === said && chosen);
    if (value) root.dataset[name] = value;
  }
} catch { /* storage may be blocked */ }
