import { escapeHtml, PAGE_HEAD } from '../http/html-page.ts';

/** The theme is applied before anything is painted. */
const HEAD = `${PAGE_HEAD}
<script type="module" src="/assets/theme.js" blocking="render"></script>`;

/**
 * The page of one pipeline. Everything in it comes from this server, and it has no inline scripts or styles: its policy
 * is `default-src 'self'`.
 */
export function dashboardPage(pipeline: string, pipelines: readonly string[]): string {
    const tabs = pipelines.map((name) => {
        const isCurrent = name === pipeline ? ' aria-current="page"' : '';
        return `<li><a href="/dashboard/${encodeURIComponent(name)}"${isCurrent}>${escapeHtml(name)}</a></li>`;
    });
    return `<!doctype html>
<html lang="en" data-pipeline="${escapeHtml(pipeline)}">
<head>
${HEAD}
<title>${escapeHtml(pipeline)} · elt</title>
<script type="module" src="/assets/page.js"></script>
</head>
<body>
<a class="skip" href="#figures">Skip to the figures</a>
<header>
<div class="bar">
<a class="brand" href="/">elt</a>
<nav aria-label="Dashboards"><ul>${tabs.join('')}</ul></nav>
<a class="api" href="/docs">API</a>
<button type="button" class="round" id="theme" aria-label="Dark theme" aria-pressed="false">
<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><circle cx="8" cy="8" r="5.25"/><path class="half" d="M8 2.75a5.25 5.25 0 0 1 0 10.5z"/></svg>
</button>
</div>
</header>
<main id="main">
<div class="title">
<h1>${escapeHtml(titleOf(pipeline))}</h1>
<p class="state"><span id="live" data-state="connecting"><span class="dot"></span><span id="live-text">Connecting</span></span><span id="last-run">…</span></p>
</div>
<form id="filters" aria-label="Filters" hidden></form>
<p id="problem" role="alert" hidden></p>
<div id="figures" tabindex="-1"></div>
<noscript><p class="empty">This page needs JavaScript. The same figures: elt query dashboard/NAME.</p></noscript>
</main>
<dialog id="rows" closedby="any" aria-labelledby="rows-title"></dialog>
<p id="announcements" class="visually-hidden" role="status"></p>
</body>
</html>
`;
}

/** `cash_flow`: Cash flow. */
function titleOf(pipeline: string): string {
    const words = pipeline.replaceAll(/[_-]+/g, ' ').trim();
    return words === '' ? pipeline : `${words[0]?.toUpperCase()}${words.slice(1)}`;
}

/** The page at `/`: the pipelines, and a link to their questions. */
export function indexPage(pipelines: readonly string[]): string {
    const items = pipelines.map((name) => {
        const address = `/dashboard/${encodeURIComponent(name)}`;
        return `<li><a class="card entry" href="${address}"><strong>${escapeHtml(titleOf(name))}</strong><span>Dashboard</span></a></li>`;
    });
    return `<!doctype html>
<html lang="en">
<head>
${HEAD}
<title>elt</title>
</head>
<body>
<header><div class="bar"><a class="brand" href="/" aria-current="page">elt</a></div></header>
<main id="main">
<div class="title"><h1>Pipelines</h1></div>
<ul class="entries">${items.join('')}<li><a class="card entry" href="/docs"><strong>Questions</strong><span>API</span></a></li></ul>
</main>
</body>
</html>
`;
}
