import { escapeHtml } from '../../core/escape-html.ts';
import type { MapEntry, ModelMap } from '../../transform/lineage/model-map.ts';
import { entryId } from './entry-id.ts';
import { lineagePicture } from './lineage-picture.ts';
import { isModel, type MapIndex, modelSection } from './model-section.ts';

/** What a page that stands alone brings along. */
export interface PageParts {
    readonly style: string;
    readonly script: string;
    /** When the map was read. */
    readonly at: Date;
    /** `payments.db`; null: the map was read from the files alone. */
    readonly database: string | null;
}

const GROUPS: readonly (readonly [string, readonly MapEntry['kind'][]])[] = [
    ['Marts', ['mart', 'view']],
    ['Current tables', ['current']],
    ['Staging', ['staging']],
    ['Questions', ['question']],
    ['Figures', ['figure']],
];

/**
 * One page with all models of a pipeline, their lineage and their files. It needs no other file and no network; without
 * its script only the search is missing.
 */
export function modelsPage({ pipeline, entries }: ModelMap, { style, script, at, database }: PageParts): string {
    const index = indexOf(entries);
    const models = entries.filter(isModel);
    const groups = GROUPS.map(([title, kinds]) => ({
        title,
        entries: entries.filter(({ kind }) => kinds.includes(kind)),
    })).filter((group) => group.entries.length > 0);
    const read = `Read ${at.toISOString().slice(0, 19).replace('T', ' ')} UTC from the files${database === null ? '; there was no database' : ` and ${database}`}.`;
    return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Models of ${escapeHtml(pipeline)} · elt</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the models</a>
<header>
<p class="brand">elt</p>
<h1>Models of ${escapeHtml(pipeline)}</h1>
<form class="search" role="search"><label for="search">Search</label><input id="search" type="search" autocomplete="off" spellcheck="false" placeholder="model, column, file" aria-keyshortcuts="/"><output id="found" for="search"></output></form>
</header>
<div class="page">
<nav aria-label="Models">${groups.map(navGroup).join('')}</nav>
<main id="main" tabindex="-1">
<section aria-labelledby="lineage"><h2 id="lineage">What is made from what</h2>
${models.length === 0 ? '<p>There are no models yet.</p>' : lineagePicture(models, 'Lineage of all models')}
<p class="muted">${escapeHtml(read)}</p></section>
${groups.flatMap((group) => group.entries.map((entry) => modelSection(entry, index))).join('\n')}
<p id="none" hidden>Nothing here has these words.</p>
</main>
</div>
<script type="module">${script}</script>
</body>
</html>
`;
}

function navGroup({ title, entries }: { readonly title: string; readonly entries: readonly MapEntry[] }): string {
    const items = entries.map((entry) => `<li><a href="#${entryId(entry)}">${escapeHtml(entry.name)}</a></li>`);
    return `<div class="group"><h2>${title}</h2><ul>${items.join('')}</ul></div>`;
}

function indexOf(entries: readonly MapEntry[]): MapIndex {
    const downstream = new Map<string, MapEntry[]>();
    const usedBy = new Map<string, { readonly entry: MapEntry; readonly column: string }[]>();
    for (const entry of entries) {
        for (const name of entry.upstream) {
            downstream.set(name, [...(downstream.get(name) ?? []), entry]);
        }
        for (const { name, sources } of entry.columns) {
            for (const { table, column } of sources) {
                const key = `${table}\0${column}`.toLowerCase();
                usedBy.set(key, [...(usedBy.get(key) ?? []), { entry, column: name }]);
            }
        }
    }
    return { byName: new Map(entries.filter(isModel).map((entry) => [entry.name, entry])), downstream, usedBy };
}
