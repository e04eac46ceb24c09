import type { FastifyReply, FastifyRequest } from 'fastify';
import { escapeHtml } from '../../core/escape-html.ts';
import type { PageAssets } from './page-assets.ts';

/** Only content from this server: no inline scripts, no other host. */
const POLICY = [
    "default-src 'self'",
    "base-uri 'none'",
    "object-src 'none'",
    "frame-ancestors 'self'",
    "form-action 'self'",
].join('; ');

/** A cookie, so that a page comes in the chosen theme, without a script that paints it anew. */
const THEME = /(?:^|;\s*)elt-theme=(light|dark)(?:;|$)/;

/** What the server's pages share. */
export interface PageFrame {
    /** The text of `<title>`, before " · elt". */
    readonly title: string;
    /** Attributes of `<html>` beside its language and theme. */
    readonly attributes?: Readonly<Record<string, string>>;
    /** Scripts of the page, by the names of their files. */
    readonly scripts?: readonly string[];
    /** The address, on this server, of the page that a browser without scripts gets in its place. */
    readonly withoutScripts?: string;
    readonly body: string;
}

/** Sends one of the server's pages with its strict policy, in the theme that the reader has chosen. */
export function sendPage(
    request: FastifyRequest,
    reply: FastifyReply,
    assets: PageAssets,
    { title, attributes = {}, scripts = [], withoutScripts, body }: PageFrame,
): FastifyReply {
    const theme = THEME.exec(request.headers.cookie ?? '')?.[1];
    const all = { lang: 'en', ...(theme === undefined ? {} : { 'data-theme': theme }), ...attributes };
    const written = Object.entries(all).map(([name, value]) => ` ${name}="${escapeHtml(value)}"`);
    const other =
        withoutScripts === undefined
            ? ''
            : `<noscript><meta http-equiv="refresh" content="0; url=${escapeHtml(withoutScripts)}"></noscript>\n`;
    const modules = scripts.map((name) => `<script type="module" src="${assets.address(name)}"></script>\n`);
    return reply
        .header('content-type', 'text/html; charset=utf-8')
        .header('content-security-policy', POLICY)
        .header('referrer-policy', 'no-referrer')
        .header('cache-control', 'no-cache')
        .header('vary', 'Cookie')
        .send(`<!doctype html>
<html${written.join('')}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="${assets.address('icon.svg')}" type="image/svg+xml">
<link rel="stylesheet" href="${assets.address('page.css')}">
<title>${title === '' ? '' : `${escapeHtml(title)} · `}elt</title>
${other}${modules.join('')}</head>
<body>
${body}
</body>
</html>
`);
}
