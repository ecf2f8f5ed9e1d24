/// The look of a page: one column, light and dark, on a phone, a screen and paper.
///
/// It holds neither `<` nor `&`, so that it reads the same as XML and as HTML.
enum StyleSheet {
  static let text = """
    :root{color-scheme:light dark;\(Palette.light.properties)}
    @media screen and (prefers-color-scheme:dark){:root{\(Palette.dark.properties)}}
    *{box-sizing:border-box}
    html{-webkit-text-size-adjust:100%}
    body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,\
    "Helvetica Neue",Arial,sans-serif}
    main{max-width:70rem;margin:0 auto;padding:1.5rem 1rem 4rem}
    h1{font-size:1.7rem;line-height:1.2;margin:.2rem 0 .3rem}
    h2{font-size:1.2rem;line-height:1.3;margin:2.6rem 0 .3rem;padding-top:.8rem;border-top:1px solid var(--line)}
    h3{font-size:1rem;margin:1.4rem 0 .3rem}
    p{margin:.4rem 0;max-width:46rem}
    .kicker,.note,figcaption,dt{color:var(--soft)}
    .note,figcaption{font-size:.9rem;max-width:46rem}
    code,.n,.hex{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
    code,.hex{font-size:.85em;overflow-wrap:anywhere}
    code.whole{user-select:all;-webkit-user-select:all}
    nav ul{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;list-style:none;margin:1rem 0;padding:0}
    .verdict{display:flex;gap:.7rem;align-items:baseline;margin:1rem 0;padding:.7rem 1rem;background:var(--panel);\
    border-left:.4rem solid var(--soft)}
    .verdict b{white-space:nowrap}
    .verdict.within{border-color:var(--within)}.verdict.outside{border-color:var(--outside)}
    .verdict.domain{border-color:var(--domain)}
    .within b,b.within{color:var(--within)}.outside b,b.outside{color:var(--outside)}
    .domain b,b.domain{color:var(--domain)}
    .facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.8rem;margin:1rem 0;padding:0}
    .facts div{background:var(--panel);padding:.7rem .9rem}
    .facts dt{font-size:.85rem}.facts dd{margin:0;font-size:1.35rem;line-height:1.3}
    .facts dd small{display:block;font-size:.85rem;color:var(--soft);overflow-wrap:anywhere}
    dl.list{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem;margin:.6rem 0}
    dl.list dd{margin:0;overflow-wrap:anywhere}
    figure{margin:.8rem 0 1.2rem}
    .prompt{max-width:none;overflow-wrap:anywhere}
    main,.pair>div{container-type:inline-size}
    .pair>div{min-width:0}
    .pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,22rem),1fr));gap:0 2rem}
    .scroll{overflow-x:auto}
    .scrolls{margin:0;overflow:hidden;font-size:.8rem;color:var(--soft)}
    .scroll:focus-visible{outline:2px solid var(--first)}
    svg{display:block;width:100%;height:auto;font-family:inherit}
    svg text{fill:var(--ink);font-size:12px}
    svg .soft{fill:var(--soft)}
    svg .axis{stroke:var(--line);stroke-width:1;fill:none}
    .first{fill:var(--first)}.second{fill:var(--second)}
    .line1{stroke:var(--first);stroke-width:2;fill:none}
    .line2{stroke:var(--second);stroke-width:2;fill:none;stroke-dasharray:5 4}
    .bar{fill:var(--first)}
    .error{stroke:var(--ink);stroke-width:1.5;fill:none}
    .mark{fill:var(--paper);stroke:var(--second);stroke-width:2}
    \(steps)
    .bad{fill:var(--outside)}svg .badt{fill:var(--outside-ink);font-weight:700}
    .once{fill:var(--panel)}svg .oncet{fill:var(--soft)}
    .gap{fill:none;stroke:var(--soft);stroke-dasharray:2 2}
    .open{fill:var(--paper);stroke:var(--domain)}svg .opent{fill:var(--domain)}
    table{border-collapse:collapse;font-size:.9rem;width:100%}
    th,td{padding:.25rem .6rem;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
    th{font-weight:600;background:var(--panel)}
    tbody th{font-weight:400;background:none}
    td.r,th.r{text-align:right}
    td.r,td.w,td.hex,td.n{white-space:nowrap}
    @media (min-width:40rem){tbody th{white-space:nowrap}}
    table.cards,table.cards tbody{display:block}
    table.cards thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
    table.cards tr{display:flex;flex-wrap:wrap;gap:.2rem 1.4rem;padding:.5rem 0;border-bottom:1px solid var(--line)}
    table.cards th,table.cards td{border:0;padding:0;text-align:left;min-width:4.5rem;overflow-wrap:anywhere}
    table.cards tbody th{flex:0 0 100%;font-weight:600}
    table.cards td.hex{white-space:normal;min-width:12rem}
    table.cards td.wide{flex:0 0 100%}
    table.cards td::before{content:attr(data-label);display:block;color:var(--soft);font:.8rem/1.4 system-ui,sans-serif}
    details{margin:.6rem 0}
    summary{cursor:pointer;padding:.4rem 0;font-weight:600}
    td details{margin:0}td summary{padding:0}
    a{color:var(--first)}
    @media (max-width:40rem){.scroll th:first-child{position:sticky;left:0;max-width:9rem;overflow-wrap:break-word}\
    .scroll tbody th{background:var(--paper)}main{padding:1rem .8rem 3rem}.verdict{display:block}dl.list{grid-template-columns:1fr}dl.list dt{margin-top:.4rem}}
    @media print{.scrolls,nav{display:none}body{font-size:11px}main{max-width:none;padding:0}h2,h3,.note{break-after:avoid}h2{margin-top:1.4rem}
    figure,.facts,.note,.verdict,tr{break-inside:avoid}.scroll{overflow:visible}.scroll svg{min-width:0!important}
    *{-webkit-print-color-adjust:exact;print-color-adjust:exact}table{font-size:9px}th,td{padding:.1rem .3rem}
    td.hex{white-space:normal;overflow-wrap:anywhere}
    details.printed::details-content{content-visibility:visible;display:block}}
    """

  private static let steps = Palette.light.steps.indices
    .map { ".s\($0){fill:var(--s\($0))}svg .t\($0){fill:var(--t\($0))}" }.joined()
}
