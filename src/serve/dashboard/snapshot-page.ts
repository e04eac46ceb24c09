import { escapeHtml } from '../../core/escape-html.ts';
import { type FigureData, parseExactly } from '../browser/fetch-figures.ts';
import { cellText, formatValue, ignoredText, isName, kindOf, labelOf, unitOfRow } from '../browser/format.ts';
import { knownNumbers, periodText } from '../browser/period.ts';
import type { IgnoredFilter } from './page-request.ts';

/** What `GET /dashboard/<pipeline>/data` says. */
interface PageData {
    readonly pipeline: string;
    readonly period: { readonly from: string; readonly to: string } | null;
    readonly last_run: { readonly finished_at: string | null };
    readonly parameters: readonly { readonly name: string; readonly value: string | null }[];
    readonly figures: readonly FigureData[];
}

/** More rows of a figure than this are left out, and the page says so. */
const ROWS_MAX = 500;

/**
 * The figures of a page as tables: no script, nothing to click, nothing that is read again. For paper, for a mail, for
 * a browser without JavaScript.
 */
export function snapshotBody(json: string, title: string, at: Date, ignored: readonly IgnoredFilter[] = []): string {
    const { period, last_run, parameters, figures } = parseExactly(json) as PageData;
    const given = new Map(parameters.flatMap(({ name, value }) => (value === null ? [] : [[name, value]])));
    const filters = parameters.flatMap(({ name, value }) => (value === null ? [] : [`${labelOf(name)}: ${value}`]));
    const facts = [
        last_run.finished_at === null ? 'No run yet' : `Last run ${moment(last_run.finished_at)}`,
        ...(period === null ? [] : [`Data: ${periodText(period)}`]),
        ...filters,
        `Written ${moment(at.toISOString())}`,
    ];
    return `<div class="title"><h1>${escapeHtml(title)}</h1>
<p class="state">${facts.map((fact) => `<span>${escapeHtml(fact)}</span>`).join(' ')}</p></div>
${ignored.length === 0 ? '' : `<p id="notice">${escapeHtml(ignoredText(ignored))}</p>\n`}<div id="figures">
${figures.map((figure) => figureSection(knownNumbers(figure, period, given))).join('\n')}
</div>`;
}

function figureSection(figure: FigureData): string {
    const { name, title, why, error, rows, empty, width, chart } = figure;
    const content =
        error !== undefined
            ? `<p class="failed">${escapeHtml(error.error)}</p>`
            : rows.length === 0
              ? `<p class="empty">${escapeHtml(empty ?? 'Nothing here for these filters')}</p>`
              : chart === 'number'
                ? tiles(figure)
                : table(figure);
    return `<section class="card" data-figure="${escapeHtml(name)}" data-chart="${chart}" data-width="${width}">
<div class="card-head"><h2>${escapeHtml(title)}</h2>${why === null ? '' : `<p class="why">${escapeHtml(why)}</p>`}</div>
<div class="card-body">${content}</div>
</section>`;
}

function tiles({ columns, rows, unit }: FigureData): string {
    const items = columns.map((column, at) => {
        const text = formatValue(rows[0]?.[at] ?? null, kindOf(column, unit));
        return `<li><div class="tile"><span class="tile-label">${escapeHtml(labelOf(column))}</span><span class="tile-value">${escapeHtml(text)}</span></div></li>`;
    });
    return `<ul class="tiles">${items.join('')}</ul>`;
}

function table({ title, columns, rows, unit }: FigureData): string {
    const isNumeric = columns.map(
        (column, at) => at > 0 && !isName(column) && rows.some((row) => ['number', 'bigint'].includes(typeof row[at])),
    );
    const kind = (at: number): string => (isNumeric[at] ? ' class="numeric"' : '');
    const heads = columns.map((column, at) => `<th scope="col"${kind(at)}>${escapeHtml(labelOf(column))}</th>`);
    const body = rows.slice(0, ROWS_MAX).map((row) => {
        const cells = row.map((value, at) => {
            const text = escapeHtml(cellText(value, columns[at] ?? '', at === 0, unitOfRow(unit, columns, row)));
            return at === 0 ? `<th scope="row">${text}</th>` : `<td${kind(at)}>${text}</td>`;
        });
        return `<tr>${cells.join('')}</tr>`;
    });
    const more = rows.length > ROWS_MAX ? `<p class="note">The first ${ROWS_MAX} of ${rows.length} rows</p>` : '';
    return `<div class="table-box"><table><caption class="visually-hidden">${escapeHtml(title)}</caption><thead><tr>${heads.join('')}</tr></thead>
<tbody>${body.join('\n')}</tbody></table>${more}</div>`;
}

/** `2026-11-30 03:11 UTC`: a page that is sent elsewhere is read elsewhere. */
function moment(iso: string): string {
    return `${iso.slice(0, 16).replace('T', ' ')} UTC`;
}
