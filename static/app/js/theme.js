// Tiny and blocking, in <head>, so that what this device chose never flashes. Not a module: those are deferred.
try {
  const root = document.documentElement;
  const asked = new URLSearchParams(location.search);
  for (const name of ["theme", "density", "keys"]) {
    const value = asked.get(name) || localStorage.getItem(name);
    if (value) root.dataset[name] = value;
  }
} catch { /* storage may be blocked */ }
