// What every module needs to find its elements, in the page and in parts that arrive later.

const met = new WeakMap();

/** Call `act` once for each element that matches, in root or being root itself. */
export function each(root, selector, act) {
  const found = [...root.querySelectorAll(selector)];
  if (root instanceof Element && root.matches(selector)) found.unshift(root);
  if (!met.has(act)) met.set(act, new WeakSet());
  const done = met.get(act);
  for (const element of found) {
    if (done.has(element)) continue;
    done.add(element);
    act(element);
  }
}
