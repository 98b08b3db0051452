"""How a printed queue looks: on paper, on a screen and on a phone, without any script."""

from base64 import b64encode
from hashlib import sha256

STYLE = """
:root { color-scheme: light dark; --ink: #1c2128; --back: #fffefb; --line: #c9c5b9; --soft: #555b66; --main: #0a665a;
  --head: #eeebe3; --cut: #b3261e }
@media (prefers-color-scheme: dark) { :root { --ink: #e9ebee; --back: #121519; --line: #3a414b; --soft: #a6aeba;
  --main: #5ec7b2; --head: #1f242a; --cut: #ff9d94 } }
* { box-sizing: border-box }
body { margin: 0; background: var(--back); color: var(--ink); font: 15px/1.45 system-ui, sans-serif; overflow-wrap: anywhere }
main { max-width: 84rem; margin: 0 auto; padding: 1rem }
h1 { font-size: 1.5rem; margin: 0 0 .25rem } h2 { font-size: 1.15rem; margin: 1.75rem 0 .25rem }
p { margin: .25rem 0 } .soft { color: var(--soft) } a { color: var(--main) }
dl.figures { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; margin: .5rem 0 }
dl.figures div { display: flex; gap: .4rem } dt { color: var(--soft) } dd { margin: 0; font-weight: 600 }
dl.legend { margin: .5rem 0 } dl.legend div { display: flex; flex-wrap: wrap; gap: 0 .5rem }
dl.legend dt { color: var(--ink); font-weight: 600 } dl.legend dd { font-weight: 400; color: var(--soft) }
.wide { overflow-x: auto } .wide:focus-visible { outline: 2px solid var(--main) }
table { border-collapse: collapse; width: 100%; min-width: 62rem; margin: .5rem 0; font-size: .87em }
th, td { text-align: left; vertical-align: top; padding: .25rem .45rem; border-bottom: 1px solid var(--line) }
td { min-width: 5.4rem } td.n { min-width: 0 } td.issue { width: 31% }
thead th { background: var(--head); white-space: nowrap } td.n, th.n { text-align: right; font-variant-numeric: tabular-nums }
tr.turn td { border-top: 2px solid var(--soft) }
td small { display: block; color: var(--soft); font-size: .92em } .key { white-space: nowrap }
tr.cut td { border-top: 3px solid var(--cut); border-bottom: 0; color: var(--cut); font-weight: 600 }
tr.out td { color: var(--soft) }
ul.conflicts { padding-left: 1.2rem } .kind { font-weight: 600 }
@page { size: A4 landscape; margin: 12mm; @bottom-right { content: counter(page) " / " counter(pages); font: 9pt sans-serif } }
@media print {
  :root { color-scheme: light; --ink: #000; --back: #fff; --line: #bbb; --soft: #444; --main: #000; --head: #eee; --cut: #b3261e }
  body { font-size: 9.5pt } main { max-width: none; padding: 0 } .screen { display: none } a { text-decoration: none }
  .wide { overflow: visible } table { min-width: 0 } thead { display: table-header-group }
  tr, li, dl { break-inside: avoid } h2, dl.figures { break-after: avoid } tr.cut { break-after: avoid }
}
"""
_HASH = b64encode(sha256(STYLE.encode()).digest()).decode()
#: The page's Content-Security-Policy: this style sheet and nothing else.
POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
