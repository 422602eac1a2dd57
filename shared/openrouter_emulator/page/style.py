"""The style of the page: the reader's own colors, light or dark, and one column on a phone."""

STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8882; --good: #1a7f37; --bad: #c5221f; --wait: #9a6700 }
@media (prefers-color-scheme: dark) { :root { --good: #56d364; --bad: #ff8a80; --wait: #e3b341 } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 80rem; padding: 1rem; font: 1rem/1.45 system-ui, sans-serif;
  background: Canvas; color: CanvasText }
h1 { font-size: 1.3rem; margin: 0 } h2 { font-size: .9rem; margin: 0 0 .4rem } header p { margin: .2rem 0 .8rem }
nav a { display: inline-block; padding: .3rem .8rem; margin: 0 .4rem .6rem 0; border: 1px solid var(--line);
  border-radius: 1rem; color: inherit; text-decoration: none }
nav a[aria-current] { background: var(--soft); font-weight: 600 }
details { border-top: 1px solid var(--line) } details[open] { padding-bottom: 1rem }
summary { padding: .5rem .2rem; cursor: pointer; overflow-wrap: anywhere }
summary:hover { background: var(--soft) }
summary b, pre, dl { font-family: ui-monospace, monospace; font-size: .85rem }
summary b, summary span, summary i, summary small { margin-left: .6rem } summary small { opacity: .75; white-space: nowrap }
i { font-style: normal; font-weight: 600 }
.good { color: var(--good) } .refused { color: var(--bad) } .cut, .going { color: var(--wait) }
.why { display: block; padding: .2rem 0 0 .6rem; color: var(--bad) }
.both { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem } section { min-width: 0 }
pre { margin: 0; padding: .6rem; max-height: 32rem; overflow: auto; background: var(--soft); border-radius: .4rem;
  white-space: pre-wrap; overflow-wrap: anywhere }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 .8rem; margin: 0 0 .4rem }
dt { opacity: .75 } dd { margin: 0; overflow-wrap: anywhere }
@media (max-width: 45rem) { .both { grid-template-columns: 1fr } body { padding: .6rem } }
"""
