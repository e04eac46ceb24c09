import { escapeHtml } from '../../core/escape-html.ts';
import type { MapColumn, MapEntry } from '../../transform/lineage/model-map.ts';
import { durationText, grouped } from '../text-table.ts';
import { columnId, entryId } from './entry-id.ts';
import { lineagePicture } from './lineage-picture.ts';

/** What a section must know of the others. */
export interface MapIndex {
    readonly byName: ReadonlyMap<string, MapEntry>;
    /** Entries that read an entry, by its name. */
    readonly downstream: ReadonlyMap<string, readonly MapEntry[]>;
    /** Columns that are made from a column: `table\0column` in lower case. */
    readonly usedBy: ReadonlyMap<string, readonly { readonly entry: MapEntry; readonly column: string }[]>;
}

const KINDS: Readonly<Record<MapEntry['kind'], string>> = {
    staging: 'staging table',
    current: 'current table',
    view: 'view',
    mart: 'mart',
    question: 'question',
    figure: 'figure',
};

/** The section of one entry. */
export function modelSection(entry: MapEntry, index: MapIndex): string {
    const downstream = index.downstream.get(entry.name) ?? [];
    const parts = [
        facts(entry),
        picture(entry, index),
        lists(entry, isModel(entry) ? downstream : [], index),
        columns(entry, index),
        tests(entry),
        text(entry),
    ];
    const words = [
        entry.name,
        entry.row ?? '',
        entry.why ?? '',
        entry.file ?? '',
        ...entry.columns.map(({ name }) => name),
    ];
    return `<section class="entry" id="${entryId(entry)}" aria-labelledby="${entryId(entry)}-title" data-words="${escapeHtml(words.join(' ').toLowerCase())}">
<h2 id="${entryId(entry)}-title"><a href="#${entryId(entry)}">${escapeHtml(entry.name)}</a> <span class="kind ${entry.kind}">${KINDS[entry.kind]}</span></h2>
${parts.filter((part) => part !== '').join('\n')}
</section>`;
}

export function isModel({ kind }: Pick<MapEntry, 'kind'>): boolean {
    return kind !== 'question' && kind !== 'figure';
}

/** A link to an entry. */
function entryLink(entry: MapEntry): string {
    return `<a href="#${entryId(entry)}">${escapeHtml(entry.name)}</a>`;
}

function facts(entry: MapEntry): string {
    const { row, why, key, file, next, how, lastRun } = entry;
    const ran =
        lastRun === null
            ? null
            : `<time datetime="${escapeHtml(lastRun.last_run_at)}">${escapeHtml(lastRun.last_run_at.slice(0, 19).replace('T', ' '))} UTC</time>: ${grouped(lastRun.inserted)} inserted, ${grouped(lastRun.updated)} updated, ${grouped(lastRun.deleted)} deleted in ${durationText(lastRun.milliseconds)}`;
    const items: readonly (readonly [string, string | null])[] = [
        ['A row is', row === null ? null : escapeHtml(row)],
        ['Key', key.length === 0 ? null : key.map((name) => `<code>${escapeHtml(name)}</code>`).join(', ')],
        ['Why', why === null ? null : escapeHtml(why)],
        ['File', file === null ? null : `<a href="#${entryId(entry)}-text"><code>${escapeHtml(file)}</code></a>`],
        ['Last run', ran],
        ['Next run', next === null ? null : escapeHtml(next)],
        ['Upkeep', how === null ? null : escapeHtml(how)],
    ];
    const shown = items.filter(([, value]) => value !== null);
    return shown.length === 0
        ? ''
        : `<dl class="facts">${shown.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join('')}</dl>`;
}

/** It with all that it is made from, and all that is made from it. */
function picture(entry: MapEntry, index: MapIndex): string {
    const found = new Set<MapEntry>([entry]);
    const reach = (from: MapEntry, next: (one: MapEntry) => readonly MapEntry[]): void => {
        for (const one of next(from).filter((other) => isModel(other) && !found.has(other))) {
            found.add(one);
            reach(one, next);
        }
    };
    const up = ({ upstream }: MapEntry) => upstream.flatMap((name) => index.byName.get(name) ?? []);
    reach(entry, up);
    reach(entry, ({ name, kind }) => (isModel({ kind }) ? (index.downstream.get(name) ?? []) : []));
    const chosen = [...found].filter((one) => one === entry || isModel(one));
    return chosen.length < 2 ? '' : lineagePicture(chosen, `Lineage of ${entry.name}`, entry.name);
}

function lists({ upstream }: MapEntry, downstream: readonly MapEntry[], index: MapIndex): string {
    const links = (entries: readonly MapEntry[]): string => entries.map(entryLink).join(', ');
    const reads = upstream.flatMap((name) => index.byName.get(name) ?? []);
    const by = (kind: (one: MapEntry) => boolean): readonly MapEntry[] => downstream.filter(kind);
    const items: readonly (readonly [string, readonly MapEntry[]])[] = [
        ['Reads', reads],
        ['Read by', by(isModel)],
        ['Questions', by(({ kind }) => kind === 'question')],
        ['Figures', by(({ kind }) => kind === 'figure')],
    ];
    const shown = items.filter(([, entries]) => entries.length > 0);
    return shown.length === 0
        ? ''
        : `<dl class="links">${shown.map(([name, entries]) => `<div><dt>${name}</dt><dd>${links(entries)}</dd></div>`).join('')}</dl>`;
}

function columns(entry: MapEntry, index: MapIndex): string {
    if (entry.columns.length === 0) {
        return '';
    }
    const hasSources = entry.columns.some(({ sources }) => sources.length > 0);
    const uses = (column: MapColumn) => index.usedBy.get(`${entry.name}\0${column.name}`.toLowerCase()) ?? [];
    const hasUses = entry.columns.some((column) => uses(column).length > 0);
    const rows = entry.columns.map((column) => {
        const key = entry.key.includes(column.name) ? ' <span class="key">key</span>' : '';
        const cells = [
            `<th scope="row">${escapeHtml(column.name)}${key}</th>`,
            `<td>${escapeHtml(column.type)}</td>`,
            hasSources ? `<td>${madeFrom(column, index)}</td>` : '',
            hasUses
                ? `<td>${uses(column)
                      .map((use) => columnLink(use.entry, use.entry.name, use.column))
                      .join(', ')}</td>`
                : '',
        ];
        return `<tr id="${columnId(entry, column.name)}">${cells.join('')}</tr>`;
    });
    const titles = ['column', 'type', ...(hasSources ? ['made of'] : []), ...(hasUses ? ['used by'] : [])];
    const heads = titles.map((title) => `<th scope="col">${title}</th>`).join('');
    return `<div class="scroll" tabindex="0" role="group" aria-label="Columns of ${escapeHtml(entry.name)}"><table><caption>Columns</caption><thead><tr>${heads}</tr></thead><tbody>
${rows.join('\n')}
</tbody></table></div>`;
}

function madeFrom({ sources, isCopy }: MapColumn, index: MapIndex): string {
    const links = sources.map(({ table, column }) => columnLink(index.byName.get(table), table, column));
    return `${links.length > 0 && !isCopy ? '<span class="muted">computed of</span> ' : ''}${links.join(', ')}`;
}

function columnLink(entry: MapEntry | undefined, table: string, column: string): string {
    const shown = `${escapeHtml(table)}.<wbr>${escapeHtml(column)}`;
    // Columns of bookkeeping are not listed.
    const isListed = entry?.columns.some(({ name }) => name.toLowerCase() === column.toLowerCase()) === true;
    return entry === undefined || !isListed ? shown : `<a href="#${columnId(entry, column)}">${shown}</a>`;
}

function tests({ tests: all, cases }: MapEntry): string {
    const items = all.map(
        ({ name, scope, from, why }) =>
            `<li><code>${escapeHtml(name)}</code> <span class="muted">${escapeHtml(scope)}, ${escapeHtml(from)}</span>${why === null ? '' : `<br>${escapeHtml(why)}`}</li>`,
    );
    const shown = cases.map(
        ({ name, file, line }) => `<li>${escapeHtml(name)} <span class="muted">${escapeHtml(file)}:${line}</span></li>`,
    );
    return [
        items.length === 0
            ? ''
            : `<details><summary>${items.length} data tests</summary><ul>${items.join('')}</ul></details>`,
        shown.length === 0
            ? ''
            : `<details><summary>${shown.length} cases</summary><ul>${shown.join('')}</ul></details>`,
    ].join('');
}

function text(entry: MapEntry): string {
    return entry.text === null
        ? ''
        : `<details class="file" id="${entryId(entry)}-text"><summary>${escapeHtml(entry.file ?? 'SQL')}</summary><pre tabindex="0"><code>${escapeHtml(entry.text)}</code></pre></details>`;
}
