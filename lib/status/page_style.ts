/**
 * The style of the page: calm where all is well, and plain about what is not. Light and dark, from 320 pixels up.
 *
 * Pure: text.
 * @module
 */

/** The style. Its digest stands in page.ts. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --back: #f4f6f8; --card: #fff; --ink: #17202b; --soft: #536070; --line: #dce1e7; --code: #f0f3f6; --focus: #1d5fd0;
  --well: #17703a; --well-tint: #e4f4ea; --busy: #1f56a8; --busy-tint: #e6effc;
  --notice: #855300; --notice-tint: #fdf1d8; --trouble: #b3261e; --trouble-tint: #fcebe9;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #0e1319; --card: #161c24; --ink: #e6ebf1; --soft: #9eabba; --line: #2a333f; --code: #0f151c; --focus: #8ab6ff;
    --well: #6fd898; --well-tint: #14291d; --busy: #8fbdff; --busy-tint: #15263f;
    --notice: #f2c15f; --notice-tint: #2d230e; --trouble: #ff9a90; --trouble-tint: #361917;
  }
}
.well { --hue: var(--well); --tint: var(--well-tint) }
.busy { --hue: var(--busy); --tint: var(--busy-tint) }
.notice { --hue: var(--notice); --tint: var(--notice-tint) }
.trouble { --hue: var(--trouble); --tint: var(--trouble-tint) }
.none { --hue: var(--soft); --tint: var(--code) }
* { box-sizing: border-box; margin: 0; padding: 0 }
body { background: var(--back); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere }
header, main, footer { max-width: 68rem; margin: 0 auto; padding: 0 1.25rem }
header { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; padding-top: 1.1rem }
header, footer, small, dt, .when, .counts, .times { color: var(--soft); font-size: .875rem }
header b { color: var(--ink) }
main { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 1rem; margin-top: .8rem }
section { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: 1.1rem 1.25rem }
#verdict, #conditions, #destinations, #changes { grid-column: 1 / -1 }
h1 { font-size: 1.6rem; line-height: 1.25; letter-spacing: -.01em }
h2 { font-size: 1rem; margin-bottom: .6rem }
h3 { font-size: 1rem }
h3 small { font-weight: 400; margin-left: .25rem }
ul, ol { list-style: none }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: .875em; unicode-bidi: isolate }
pre { white-space: pre-wrap; background: var(--code); border-radius: .35rem; padding: .5rem .75rem; margin-top: .5rem }
a { color: var(--busy) }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: .2rem }
.off { position: absolute }
.icon { flex: none; width: 1.25em; height: 1.25em; border-radius: 50%; background: var(--tint); fill: none;
  stroke: var(--hue); stroke-width: 2.6; stroke-linecap: round; stroke-linejoin: round }
.state { display: inline-flex; align-items: baseline; gap: .4rem; color: var(--hue); font-weight: 600 }
.state .icon { align-self: center }
.verdict { display: flex; gap: 1.1rem; border-color: var(--hue); border-left-width: .5rem; padding: 1.4rem }
.verdict > .icon { width: 3.2rem; height: 3.2rem; background: var(--hue); stroke: var(--card); padding: .35rem }
.verdict > div { flex: 1; min-width: 0 }
.verdict h1 { color: var(--hue) }
.verdict dl { display: flex; flex-wrap: wrap; gap: .5rem 2rem; margin-top: 1.1rem; padding-top: .9rem; border-top: 1px solid var(--line) }
.verdict dl > div { display: block; padding: 0; border: 0 }
.quote { border-left: .2rem solid var(--hue); border-radius: 0 .35rem .35rem 0 }
.times { margin-top: .4rem }
.others { margin-top: .9rem; display: grid; gap: .7rem }
.others > li { display: flex; gap: .6rem }
.others .icon, .conditions .icon { margin-top: .12em }
.others li > div { flex: 1; min-width: 0 }
.conditions { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 14.5rem), 1fr)); gap: .4rem 1.25rem }
.conditions li { display: flex; gap: .5rem }
dl > div { display: flex; justify-content: space-between; align-items: baseline; gap: 1rem; padding: .3rem 0; border-top: 1px solid var(--line) }
dl > div:first-child { border-top: 0 }
dt { flex: none }
dd { text-align: right; min-width: 0 }
.verdict dd { text-align: left }
table { width: 100%; border-collapse: collapse }
th, td { text-align: left; vertical-align: top; padding: .4rem .75rem .4rem 0; border-top: 1px solid var(--line); font-weight: 400 }
thead th { border: 0; padding-top: 0; color: var(--soft); font-size: .875rem }
th:last-child, td:last-child { padding-right: 0 }
td { white-space: nowrap; font-variant-numeric: tabular-nums }
.counts { margin-bottom: .9rem }
.timeline > li { position: relative; display: flex; gap: .8rem; padding-bottom: 1.3rem }
.timeline > li:last-child { padding-bottom: 0 }
.timeline > li::before { content: ""; position: absolute; left: .71rem; top: 1.7rem; bottom: .1rem; border-left: 2px solid var(--line) }
.timeline > li:last-child::before { display: none }
.timeline > li > .icon { width: 1.5rem; height: 1.5rem }
.change { flex: 1; min-width: 0; display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: .1rem 1rem }
.change > * { grid-column: 1 / -1 }
.change > h3 { grid-column: 1; color: var(--hue) }
.change > .when { grid-column: 2; display: flex; gap: .75rem; font-variant-numeric: tabular-nums }
.when time { color: var(--ink) }
.when span time { color: inherit }
.steps { display: flex; flex-wrap: wrap; gap: 0 .45rem; font-size: .9375rem }
.steps li:not(:last-child)::after { content: " \\2192"; color: var(--soft); font-weight: 400 }
.steps .failed { color: var(--trouble); font-weight: 600 }
.steps .running { color: var(--busy); font-weight: 600 }
details { margin-top: .35rem }
summary { cursor: pointer; color: var(--busy); width: fit-content; padding: .1rem .2rem }
ins, del { text-decoration: none }
ins { color: var(--well) }
del { color: var(--trouble) }
footer { padding-top: 1.1rem; padding-bottom: 2rem; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem }
#link::before { content: ""; display: inline-block; width: .55rem; height: .55rem; border-radius: 50%; margin-right: .45rem; background: var(--line) }
[data-link=live] #link::before { background: var(--well) }
[data-link=lost] #link { order: -1; flex-basis: 100%; background: var(--trouble-tint); color: var(--trouble); font-weight: 600;
  font-size: 1rem; border: 1px solid; border-radius: .6rem; padding: .6rem 1rem; margin-bottom: .6rem; position: sticky; top: .5rem }
[data-link=lost] #link::before { border-radius: 0; background: currentColor }
[data-link=lost] main { filter: grayscale(1) }
[data-link=live] .still { display: none }
@media (prefers-reduced-motion: no-preference) {
  .busy > .icon, .state.busy .icon { animation: pulse 2s ease-in-out infinite }
  @keyframes pulse { 50% { opacity: .55 } }
}
@media (max-width: 46rem) {
  main { grid-template-columns: minmax(0, 1fr); gap: .75rem }
  header, main, footer { padding-left: .75rem; padding-right: .75rem }
  section, .verdict { padding: .9rem 1rem }
  .verdict { gap: .75rem }
  .verdict > .icon { width: 2.2rem; height: 2.2rem; padding: .2rem }
  h1 { font-size: 1.3rem }
  .verdict dl { gap: .4rem 1.25rem }
  .wide, thead { position: absolute; clip-path: inset(50%) }
  tr { display: grid; grid-template-columns: 1fr auto; border-top: 1px solid var(--line); padding: .4rem 0 }
  tbody th { grid-column: 1 / -1 }
  th, td { border: 0; padding: .1rem 0 }
  .change > h3, .change > .when { grid-column: 1 / -1 }
  .when { flex-wrap: wrap }
}
@media print { section { break-inside: avoid } }
`;
