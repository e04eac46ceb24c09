import { escapeHtml } from './html-page.ts';

/** The page at `/`: the pipelines, and where their questions can be tried. */
export function indexPage(pipelines: readonly string[]): string {
    const items = pipelines.map((name) => `<li><a href="/dashboard/${escapeHtml(name)}">${escapeHtml(name)}</a></li>`);
    return page('elt', `<h1>Pipelines</h1><ul>${items.join('')}</ul><p><a href="/docs">Questions over HTTP</a></p>`);
}

/** The page of one pipeline. */
export function dashboardPage(pipeline: string): string {
    return page(pipeline, `<h1>${escapeHtml(pipeline)}</h1>`);
}

function page(title: string, body: string): string {
    return (
        `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title>` +
        `<meta name="viewport" content="width=device-width"></head><body>${body}</body></html>\n`
    );
}
