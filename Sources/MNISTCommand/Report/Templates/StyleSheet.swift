/// The style of the page: one column, grays, one color per curve, light and dark.
enum StyleSheet {
  static let text = """
    :root {
      color-scheme: light dark;
      --ground: #fcfcfa; --panel: #f2f2ee; --text: #1d1f21; --quiet: #5c6166; --rule: #dcdcd6;
      --first: 31 92 158; --second: 176 78 18;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --ground: #16181a; --panel: #202326; --text: #e6e7e8; --quiet: #a0a6ac; --rule: #34383c;
        --first: 122 176 238; --second: 240 158 92;
      }
      img { box-shadow: 0 0 0 1px var(--rule); }
    }
    * { box-sizing: border-box; }
    html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
    body {
      margin: 0 auto; padding: 2rem 1rem 4rem; max-width: 58rem; background: var(--ground); color: var(--text);
      font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
    }
    h1, h2 { line-height: 1.2; font-weight: 600; letter-spacing: -0.01em; }
    h1 { margin: 0; font-size: 2.25rem; overflow-wrap: anywhere; }
    h2 { margin: 0 0 .75rem; font-size: 1.3rem; }
    p { margin: 0 0 1rem; max-width: 42rem; }
    section { margin-top: 3.25rem; }
    figure { margin: 0; }
    .eyebrow { margin: 0 0 .25rem; color: var(--quiet); font-size: .875rem; }
    .lead { margin: .5rem 0 1.5rem; font-size: 1.125rem; }
    .note, .recall, .number { color: var(--quiet); font-weight: 400; }
    .away {
      position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap;
    }
    .figures { display: flex; flex-wrap: wrap; gap: 1rem 3rem; margin: 0; }
    .figures dt { color: var(--quiet); font-size: .875rem; }
    .figures dd { margin: 0; font-size: 1.5rem; font-variant-numeric: tabular-nums; }

    .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); gap: 1.5rem; }
    .charts + p { margin-top: 1.5rem; }
    .charts figcaption { font-weight: 600; }
    svg { display: block; width: 100%; height: auto; overflow: visible; }
    svg text { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; fill: var(--quiet); }
    svg .row { text-anchor: end; }
    svg .column { text-anchor: middle; }
    svg .grid { stroke: var(--rule); stroke-width: 1; }
    svg polyline { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
    svg .first polyline, svg .first circle { stroke: rgb(var(--first)); }
    svg .first circle { fill: rgb(var(--first)); }
    svg .first .name { fill: rgb(var(--first)); }
    svg .second polyline, svg .second circle { stroke: rgb(var(--second)); }
    svg .second polyline { stroke-dasharray: 6 4; }
    svg .second circle { fill: var(--ground); stroke-width: 2; }
    svg .second .name { fill: rgb(var(--second)); }

    table { border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums; }
    caption { padding-bottom: .5rem; text-align: left; color: var(--quiet); white-space: normal; }
    th, td { padding: .3rem .6rem; text-align: right; font-weight: 400; white-space: nowrap; }
    th[scope="row"], th:first-child { text-align: left; }
    thead th { color: var(--quiet); vertical-align: bottom; }
    tbody tr { border-top: 1px solid var(--rule); }
    tbody tr:last-child { border-bottom: 1px solid var(--rule); }
    .wide { max-width: 100%; overflow-x: auto; }
    .wide:focus-visible, summary:focus-visible { outline: 2px solid rgb(var(--first)); outline-offset: 2px; }
    details summary { cursor: pointer; color: var(--quiet); font-size: .875rem; }
    details .wide { margin-top: .75rem; }

    .confusion { border-collapse: separate; border-spacing: 2px; }
    .confusion th, .confusion td { padding: .35rem .5rem; border: 0; }
    .confusion tbody td { min-width: 2.9rem; text-align: center; border-radius: 3px; }
    .confusion thead th { text-align: center; }
    .confusion thead .recall { text-align: right; }
    .confusion thead .axis { text-align: left; white-space: normal; font-size: .6875rem; line-height: 1.2; min-width: 4rem; }
    .confusion tbody .recall { text-align: right; }
    .confusion abbr { text-decoration: none; }
    .confusion .right { background: rgb(var(--first) / calc(.26 * var(--shade))); }
    .confusion .wrong { background: rgb(var(--second) / calc(.08 + .4 * var(--shade))); }
    .confusion .none { color: var(--quiet); }

    .gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(5rem, 1fr)); gap: 1.1rem .5rem; }
    .gallery figcaption { margin-top: .3rem; font-size: .875rem; line-height: 1.35; overflow-wrap: anywhere; }
    .gallery .note { font-size: .8125rem; }
    .kernels { grid-template-columns: repeat(auto-fill, minmax(6.5rem, 1fr)); }
    img { display: block; image-rendering: pixelated; border-radius: 2px; }
    .stage { margin-top: 1.25rem; }
    .stage figcaption, .stage caption { margin-bottom: .4rem; font-size: .875rem; color: var(--text); }
    .gap { margin: 0 .5em; }
    .maps { display: flex; flex-wrap: wrap; gap: 4px; }
    .maps img { max-width: 100%; }
    .probabilities { width: 100%; max-width: 26rem; }
    .probabilities thead th { padding: 0; }
    .probabilities tbody th { width: 1%; }
    .probabilities td { display: flex; align-items: center; justify-content: space-between; gap: .75rem; }
    .probabilities .bar { flex: 1; height: .55rem; border-radius: 2px; background: linear-gradient(
      to right, rgb(var(--first)) var(--fraction), var(--panel) var(--fraction)); }

    .facts { width: 100%; table-layout: fixed; }
    .facts th { width: 11rem; color: var(--quiet); vertical-align: top; white-space: normal; }
    .facts td { text-align: left; white-space: normal; overflow-wrap: anywhere; }

    @media (max-width: 40rem) {
      body { padding-top: 1.25rem; }
      h1 { font-size: 1.875rem; }
      section { margin-top: 2.5rem; }
      .confusion { border-spacing: 1px; font-size: .6875rem; letter-spacing: -.02em; }
      .confusion th, .confusion td { padding: .35rem .12rem; }
      .layers { font-size: .6875rem; letter-spacing: -.02em; }
      .confusion tbody td { min-width: 0; }
      .confusion thead .axis { min-width: 0; font-size: .5625rem; }
      .facts th { width: 8rem; }
      .layers th, .layers td { padding: .3rem .18rem; }
    }
    @media print { section { break-inside: avoid; } .wide { overflow: visible; } }

    """
}
