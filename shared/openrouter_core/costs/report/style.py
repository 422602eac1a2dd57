"""The looks of a report's page, and the one script in it: a click on a column's head sorts its table."""

from __future__ import annotations

import base64
import hashlib

CSS = """
:root { color-scheme: light dark; --ink: #1d2129; --soft: #5b6470; --line: #e1e4e8; --back: #f6f7f9;
  --card: #fff; --warn: #fff4d6; --bar: #4477aa33;
  --s0: #4477aa; --s1: #ee6677; --s2: #228833; --s3: #ccbb44; --s4: #66ccee; --s5: #aa3377; --s6: #999; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e8eb; --soft: #9aa4b0; --line: #31363d; --back: #15181c; --card: #1e2227;
    --warn: #4a3c12; --bar: #66a3dd40; --s0: #66a3dd; --s2: #55b566; --s5: #d070a5; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 960px; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.5rem; margin: .5rem 0 0; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 0 0 .5rem; }
.soft { color: var(--soft); margin: .2rem 0 1rem; }
.warn { background: var(--warn); border-radius: 8px; padding: .6rem .9rem; margin: 0 0 .8rem; }
.tiles, section { background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  padding: .8rem .9rem; margin: 0 0 .8rem; }
.tiles { display: flex; flex-wrap: wrap; gap: .6rem 1.6rem; }
.tiles dt { color: var(--soft); font-size: .8rem; }
.tiles dd { margin: 0; font-size: 1.2rem; font-weight: 600; }
.tiles .main dd { font-size: 2rem; line-height: 1.2; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .85rem; white-space: nowrap; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); }
thead th { color: var(--soft); font-weight: 500; }
tbody th { font-weight: 500; max-width: 20rem; overflow: hidden; text-overflow: ellipsis;
  position: sticky; left: 0; background: var(--card); }
th button { all: unset; cursor: pointer; }
th button:focus-visible { outline: 2px solid var(--s0); outline-offset: 2px; }
th[aria-sort=ascending] button::after { content: " \\2191"; }
th[aria-sort=descending] button::after { content: " \\2193"; }
.n { text-align: right; font-variant-numeric: tabular-nums; }
.bar { background: linear-gradient(var(--bar) 0 0) no-repeat left / var(--w) 78%; }
figure { margin: 0; }
.plot { position: relative; height: 12rem; display: flex; align-items: flex-end; gap: 1px;
  padding-left: 3.6rem; margin-top: .8rem; }
.rule { position: absolute; left: 0; right: 0; border-top: 1px solid var(--line); font-size: .7rem;
  color: var(--soft); line-height: 1; padding-top: 2px; pointer-events: none; }
.col { flex: 1 1 0; min-width: 0; max-width: 5rem; height: 100%; display: flex;
  flex-direction: column-reverse; position: relative; }
.col:hover { background: var(--bar); }
.col i { display: block; }
.ticks { display: flex; gap: 1px; padding-left: 3.6rem; font-size: .75rem; color: var(--soft); }
.ticks span { flex: 1 1 0; min-width: 0; max-width: 5rem; white-space: nowrap; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .2rem 1rem; padding: 0; margin: .5rem 0 0;
  font-size: .8rem; }
.legend li { max-width: 100%; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.legend i { display: inline-block; width: .7em; height: .7em; border-radius: 2px; margin-right: .4em; }
form { display: flex; flex-wrap: wrap; gap: .5rem; align-items: end; }
form label { font-size: .8rem; color: var(--soft); display: grid; }
form input, form button, form select { font: inherit; padding: .2rem .5rem; max-width: 11rem; }
@media (max-width: 600px) {
  th, td { padding: .3rem .4rem; }
  tbody th { max-width: 40vw; }
  .ticks span { white-space: normal; }
}
""" + "".join(f".s{n} {{ background: var(--s{n}); }}\n" for n in range(7))

SORT = """
document.addEventListener("click", event => {
  const head = event.target.closest("table.sorts thead th");
  if (!head) return;
  const body = head.closest("table").tBodies[0], at = head.cellIndex;
  const down = head.getAttribute("aria-sort") !== "descending";
  for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  const of = row => row.cells[at].dataset.v ?? row.cells[at].textContent;
  const order = (a, b) => isNaN(a) || isNaN(b) ? a.localeCompare(b) : a - b;
  body.append(...[...body.rows].sort((a, b) => (down ? -1 : 1) * order(of(a), of(b))));
});
"""


def hash_of(script: str) -> str:
    """Return how a content security policy names a script, so that no other runs."""
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
