/// One self-contained HTML file. It is also well-formed XML, which lets tests parse it.
///
/// The policy forbids the browser to fetch anything.
///
/// - Parameters:
///   - title: of the window.
///   - reloadSeconds: if above 0, the browser shows the file anew this often.
///   - body: everything that is seen.
/// - Returns: the file.
func page(title: String, reloadSeconds: Int = 0, _ body: Markup) -> String {
  let reload: Markup = reloadSeconds == 0 ? "" : "<meta http-equiv=\"refresh\" content=\"\(reloadSeconds)\"/>\n"
  let markup: Markup = """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8"/>
    <meta name="viewport" content="width=device-width, initial-scale=1"/>
    <meta name="color-scheme" content="light dark"/>
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; \
    script-src 'unsafe-inline'"/>
    \(reload)<title>\(title)</title>
    <style>\(pageStyle)</style>
    </head>
    <body>
    <main>
    \(body)
    </main>
    <script>\(pageScript)</script>
    </body>
    </html>

    """
  return markup.text
}

/// Colours: blue for right and orange for wrong stay apart with every kind of colour blindness (M. Okabe and K. Ito, "Color
/// universal design", 2002, has both), and every coloured cell says its number as well. No mixture hides the text on it.
private let pageStyle: Markup = """
  :root { color-scheme: light dark; --paper: #ffffff; --ink: #1b1f24; --faint: #57606a; --line: #d0d7de;
    --right: #0072b2; --wrong: #d55e00; --panel: #f6f8fa; }
  @media (prefers-color-scheme: dark) { :root { --paper: #0f1419; --ink: #e6edf3; --faint: #9aa7b4; --line: #323b45;
    --right: #56a8e0; --wrong: #ee8a3c; --panel: #171e26; } }
  * { box-sizing: border-box; }
  body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
  main { max-width: 62rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
  h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; overflow-wrap: anywhere; }
  h2 { font-size: 1.25rem; margin: 2.5rem 0 .25rem; overflow-wrap: anywhere; }
  h3 { font-size: 1.05rem; margin: 2rem 0 .25rem; }
  p { margin: 0 0 .75rem; max-width: 46rem; }
  .faint { color: var(--faint); }
  .figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .75rem; margin: 1rem 0;
    padding: 0; }
  .figures div { background: var(--panel); border: 1px solid var(--line); border-radius: .5rem; padding: .6rem .8rem; }
  .figures dt { color: var(--faint); font-size: .85rem; }
  .figures dd { margin: 0; font-size: 1.35rem; font-weight: 600; font-variant-numeric: tabular-nums; }
  .figures dd small { display: block; font-size: .8rem; font-weight: 400; color: var(--faint); }
  .scroll { overflow-x: auto; margin: .75rem 0; }
  .scroll th:first-child { position: sticky; left: 0; background: var(--paper); }
  table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9rem; }
  th, td { padding: .25rem .6rem; text-align: right; border-bottom: 1px solid var(--line); }
  th { font-weight: 600; white-space: nowrap; }
  th:first-child, .text { text-align: left; }
  th[scope=row] { white-space: normal; overflow-wrap: break-word; }
  thead th { white-space: normal; }
  td { white-space: nowrap; }
  td.text { white-space: normal; overflow-wrap: anywhere; min-width: 8rem; }
  tfoot tr:first-child > * { border-top: 2px solid var(--line); }
  th button { all: unset; cursor: pointer; }
  th button:hover, th button:focus-visible { text-decoration: underline; }
  th[aria-sort=ascending] button::after { content: " ▲"; font-size: .7em; }
  th[aria-sort=descending] button::after { content: " ▼"; font-size: .7em; }
  .confusion td { min-width: 3.2rem; text-align: center; line-height: 1.2; border: 1px solid var(--line);
    padding: .3rem .25rem; background: color-mix(in oklab, var(--tone) var(--share), var(--paper)); }
  .confusion td small { display: block; font-size: .72rem; }
  .confusion td.none { color: var(--faint); background: none; }
  .confusion thead th { text-align: center; border: 0; }
  .confusion tbody th { text-align: right; border: 0; }
  .gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(6.5rem, 1fr)); gap: .75rem; margin: .75rem 0;
    padding: 0; list-style: none; }
  .gallery li { font-size: .8rem; line-height: 1.3; overflow-wrap: anywhere; }
  .gallery img, .filters img { image-rendering: pixelated; display: block; border: 1px solid var(--line); }
  .gallery img { width: 100%; max-width: 7rem; background: #000; margin-bottom: .2rem; }
  .filters { display: flex; flex-wrap: wrap; gap: .4rem; margin: .75rem 0; padding: 0; list-style: none; }
  .filters img { width: 3.25rem; }
  .charts { display: flex; flex-wrap: wrap; gap: 1rem; margin: .75rem 0; }
  summary { cursor: pointer; }
  svg { display: block; max-width: 100%; height: auto; }
  svg text { fill: var(--ink); font: 13px system-ui, sans-serif; font-variant-numeric: tabular-nums; }
  svg .faint { fill: var(--faint); }
  svg .line { stroke: var(--line); fill: none; }
  svg .axis { stroke: var(--faint); fill: none; }
  svg .right { fill: var(--right); }
  svg .wrong { fill: var(--wrong); }
  svg .whisker { stroke: var(--right); stroke-width: 2; fill: none; }
  svg .curve { fill: none; stroke-width: 2; }
  svg .curve.training { stroke: var(--wrong); stroke-dasharray: 5 4; }
  svg .curve.heldout { stroke: var(--right); }
  svg .dot.training { fill: var(--wrong); }
  svg .dot.heldout { fill: var(--right); }
  svg .box { fill: var(--panel); stroke: var(--line); }
  .scroll svg { max-width: none; }
  pre { white-space: pre-wrap; background: var(--panel); border: 1px solid var(--line); border-radius: .5rem;
    padding: .6rem .8rem; margin: 0 0 .75rem; }
  code { font: .9em ui-monospace, monospace; overflow-wrap: anywhere; }
  @media (max-width: 30rem) { th, td { padding: .25rem .35rem; } }
  @media print {
    :root { --paper: #ffffff; --ink: #000000; --faint: #444444; --line: #bbbbbb; --right: #0072b2; --wrong: #d55e00;
      --panel: #f6f8fa; color-scheme: light; }
    * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
    body { font-size: 11pt; }
    main { max-width: none; padding: 0; }
    .scroll { overflow: visible; }
    .confusion td { min-width: 0; }
    .scroll svg { max-width: 100%; }
    .charts svg { width: 48%; }
    h2, h3, p { break-after: avoid; }
    tr, svg, .gallery li, .filters, .figures div { break-inside: avoid; }
  }
  """

/// Tables sort by a click on a title. Without scripts the titles are plain text.
private let pageScript: Markup = """
  for (const table of document.querySelectorAll("table.sortable")) {
    const body = table.tBodies[0];
    const titles = [...table.tHead.rows[0].cells];
    const value = (row, column) => row.cells[column].textContent.trim();
    const number = text => Number(text.replace(/[,%\\s]/g, ""));
    titles.forEach((title, column) => {
      if (title.textContent === "") return;
      const button = document.createElement("button");
      button.append(...title.childNodes);
      title.append(button);
      button.addEventListener("click", () => {
        const sign = title.getAttribute("aria-sort") === "descending" ? 1 : -1;
        titles.forEach(other => other.removeAttribute("aria-sort"));
        title.setAttribute("aria-sort", sign === 1 ? "ascending" : "descending");
        const rows = [...body.rows];
        const numeric = rows.every(row => !Number.isNaN(number(value(row, column))));
        rows.sort((a, b) => {
          const [x, y] = [value(a, column), value(b, column)];
          return sign * (numeric ? number(x) - number(y) : x.localeCompare(y));
        });
        body.append(...rows);
      });
    });
  }
  """
