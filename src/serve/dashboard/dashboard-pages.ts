import { escapeHtml } from '../../core/escape-html.ts';
import type { Dashboard } from '../../query/dashboard.ts';
import type { PageFrame } from '../http/html-page.ts';
import type { PageAssets } from '../http/page-assets.ts';
import { figureWords } from './figure-json.ts';
import type { Overview } from './pipeline-overview.ts';

const NUMBER = new Intl.NumberFormat('en');

/**
 * The page of one pipeline, with the places of its figures, which need no query: they are there at once, and the script
 * fills them. `search`: the filters of its address, from the question mark on. Everything in it comes from this server, and it has no inline scripts or styles: its policy is
 * `default-src 'self'`.
 */
export function dashboardPage(
    { pipeline, figures, filters }: Dashboard,
    pipelines: readonly string[],
    assets: PageAssets,
    search = '',
): PageFrame {
    const asTables = `/dashboard/${encodeURIComponent(pipeline)}/snapshot${search}`;
    const tabs = pipelines.map((name) => {
        const isCurrent = name === pipeline ? ' aria-current="page"' : '';
        return `<li><a href="/dashboard/${encodeURIComponent(name)}"${isCurrent}>${escapeHtml(name)}</a></li>`;
    });
    return {
        title: pipeline,
        attributes: { 'data-pipeline': pipeline, 'data-charts': assets.address('echarts.js') },
        scripts: ['page.js'],
        withoutScripts: asTables,
        body: `<a class="skip" href="#figures">Skip to the figures</a>
<header>
<div class="bar">
<a class="brand" href="/">elt</a>
<nav aria-label="Dashboards"><ul>${tabs.join('')}</ul></nav>
<a class="api" href="/models/${encodeURIComponent(pipeline)}">Models</a>
<a class="api" href="/docs">API</a>
<button type="button" class="round" id="theme" aria-label="Dark theme" aria-pressed="false">
<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><circle cx="8" cy="8" r="5.25"/><path class="half" d="M8 2.75a5.25 5.25 0 0 1 0 10.5z"/></svg>
</button>
</div>
</header>
<main id="main">
<noscript><p class="back"><a href="${escapeHtml(asTables)}">The figures as tables, without JavaScript</a></p></noscript>
<div class="title">
<h1>${escapeHtml(titleOf(pipeline))}</h1>
<p class="state"><span id="live" data-state="connecting"><span class="dot"></span><span id="live-text">Connecting</span></span><span id="last-run">Reading…</span><span id="period"></span></p>
</div>
<form id="filters" aria-label="Filters"${filters.length === 0 ? ' hidden' : ''}></form>
<div id="presets" role="group" aria-label="Period"></div>
<p id="applied"></p>
<p id="outside" role="status" hidden></p>
<p id="notice" role="status" hidden></p>
<p id="problem" role="alert" hidden></p>
<div id="figures" tabindex="-1">${figures.map(figurePlace).join('\n')}</div>
</main>
<dialog id="rows" closedby="any" aria-labelledby="rows-title"></dialog>
<p id="announcements" class="visually-hidden" role="status"></p>`,
    };
}

/** Where a figure will be: its heading, and the size that it will have. */
function figurePlace(entry: Dashboard['figures'][number]): string {
    const { name, title, why, chart, width } = figureWords(entry) as Readonly<Record<string, string | null>>;
    const id = `figure-${escapeHtml(String(name))}`;
    return `<section class="card" aria-labelledby="${id}" aria-busy="true" data-figure="${escapeHtml(String(name))}" data-chart="${chart}" data-width="${width}">
<div class="card-head"><h2 id="${id}">${escapeHtml(String(title))}</h2><p class="why">${escapeHtml(why ?? '')}</p></div>
<div class="card-body"><div class="skeleton"></div></div>
</section>`;
}

/** `cash_flow`: Cash flow. */
export function titleOf(pipeline: string): string {
    const words = pipeline.replaceAll(/[_-]+/g, ' ').trim();
    return words === '' ? pipeline : `${words[0]?.toUpperCase()}${words.slice(1)}`;
}

/** The page of one pipeline as tables, see `snapshotBody`. */
export function snapshotPage(pipeline: string, body: string): PageFrame {
    return {
        title: pipeline,
        attributes: { 'data-theme': 'light' },
        body: `<main id="main"><p class="back"><a href="/dashboard/${encodeURIComponent(pipeline)}">The page itself</a></p>
${body}
</main>`,
    };
}

/** For people who follow an old link. `asked`: what there is not. */
export function unknownPage(asked: string, overviews: readonly Overview[]): PageFrame {
    const { body } = indexPage(overviews);
    const words = `There is no ${escapeHtml(asked)} here. These are served:`;
    return {
        title: 'Not found',
        body: body
            .replace(' aria-current="page"', '')
            .replace('<h1>Pipelines</h1>', `<h1>Not found</h1><p class="lead">${words}</p>`),
    };
}

/** The page at `/`: the pipelines with how fresh and how whole their data is, and a link to their questions. */
export function indexPage(overviews: readonly Overview[]): PageFrame {
    return {
        title: '',
        body: `<header><div class="bar"><a class="brand" href="/" aria-current="page">elt</a></div></header>
<main id="main">
<div class="title"><h1>Pipelines</h1></div>
<ul class="entries">${overviews.map(entry).join('')}<li class="card entry"><a href="/docs"><strong>Questions</strong><span>API</span></a></li></ul>
</main>`,
    };
}

function entry(overview: Overview): string {
    const { pipeline, error } = overview;
    const facts = error === null ? factsOf(overview) : [['Database', error, 'bad'] as const];
    const list = facts.map(
        ([name, value, state]) =>
            `<div${state === '' ? '' : ` class="${state}"`}><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd></div>`,
    );
    return `<li class="card entry"><a href="/dashboard/${encodeURIComponent(pipeline)}"><strong>${escapeHtml(titleOf(pipeline))}</strong><span>Dashboard</span></a>
<dl class="facts">${list.join('')}</dl></li>`;
}

type Fact = readonly [name: string, value: string, state: '' | 'bad'];

function factsOf({ lastRun, landed, rejects, drifted, marts }: Overview): readonly Fact[] {
    return [
        ['Last run', lastRun === null ? 'none yet' : `${lastRun.slice(0, 16).replace('T', ' ')} UTC`, ''],
        ['Changes landed', NUMBER.format(landed), ''],
        ['Put aside', NUMBER.format(rejects), rejects === 0 ? '' : 'bad'],
        ['Drift', drifted === 0 ? 'none' : `${NUMBER.format(drifted)} noted`, ''],
        ...marts.map(
            ({ name, rows }): Fact => [name, rows === null ? 'not filled' : `${NUMBER.format(rows)} rows`, ''],
        ),
    ];
}
