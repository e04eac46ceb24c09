import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { median, spread } from './statistics.ts';
import { PROJECT } from './workshop.ts';

/** A row's figures over all rounds. */
export interface Figures {
    readonly table: string;
    readonly contestant: string;
    readonly changes: number;
    readonly inputBytes: number;
    readonly seconds: readonly number[];
    readonly cpuSeconds: readonly number[];
    readonly memoryMb: readonly number[];
    /** Null: its size does not count. */
    readonly fileBytes: number | null;
}

/** The order of the tables on the page, whenever they were measured; those of one work by their size. */
const PLACES = [
    /^whole.* inserts/,
    /^landing.* inserts/,
    /^whole.* mixed/,
    /^landing.* mixed/,
    /new changes/,
    /rebuild/,
];

function byPlace(one: string, other: string): number {
    const place = (table: string): number => PLACES.findIndex((form) => form.test(table)) >>> 0;
    const text = (table: string): string => table.replaceAll(',', '');
    return place(one) - place(other) || text(one).localeCompare(text(other), 'en', { numeric: true });
}

/** One Markdown table a work; `times` is the time as a multiple of the first row's. */
export function renderTables(figures: readonly Figures[]): string {
    const tables = [...new Set(figures.map((one) => one.table))].sort(byPlace);
    return tables
        .map((table) =>
            renderTable(
                table,
                figures.filter((one) => one.table === table),
            ),
        )
        .join('\n');
}

function renderTable(title: string, rows: readonly Figures[]): string {
    const base = median(rows[0]?.seconds ?? []);
    const hasInput = rows.some((row) => row.inputBytes > 0);
    const hasFile = rows.some((row) => row.fileBytes !== null);
    const head = [
        'who',
        'seconds',
        'spread',
        'times',
        'CPU s',
        ...(hasInput ? ['changes/s', 'MB/s'] : []),
        'memory MB',
        ...(hasFile ? ['file MB', 'file / input'] : []),
    ];
    const lines = rows.map((row) => {
        const seconds = median(row.seconds);
        return [
            row.contestant,
            digits(seconds),
            spreadText(row.seconds),
            (seconds / base).toFixed(2),
            digits(median(row.cpuSeconds)),
            ...(hasInput ? [grouped(row.changes / seconds), digits(row.inputBytes / 1e6 / seconds)] : []),
            digits(median(row.memoryMb), 0),
            ...(hasFile
                ? [digits((row.fileBytes ?? 0) / 1e6, 1), ((row.fileBytes ?? 0) / row.inputBytes).toFixed(2)]
                : []),
        ];
    });
    return `### ${title}\n\n${markdown(head, lines)}`;
}

export function markdown(head: readonly string[], lines: readonly (readonly string[])[]): string {
    const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
    const rule = head.map((_, index) => (index === 0 ? '---' : '---:'));
    return row(head) + row(rule) + lines.map(row).join('');
}

export function machine(versions: readonly string[]): string {
    const [cpu] = cpus();
    const memory = Math.round(totalmem() / 2 ** 30);
    return [
        `${cpus().length} × ${cpu?.model.trim()}, ${memory} GiB, ${type()} ${release()}`,
        `Node ${process.versions.node}`,
        ...versions,
    ].join('; ');
}

/** Prints what `npm run <name>` has measured and, if it is to be kept, writes it into the page of benchmarks. */
export function publish(name: string, text: string, isKept: boolean): void {
    process.stdout.write(`${text}\n`);
    if (isKept) {
        keepOnPage(name, text);
    }
}

/** Replaces what stands between the markers of `name` in the page of benchmarks; adds both at the end where they are missing. */
export function keepOnPage(name: string, text: string): void {
    const file = join(PROJECT, 'docs', 'benchmarks.md');
    const [open, close] = [`<!-- ${name}: made by npm run ${name} -->`, `<!-- /${name} -->`];
    const page = existsSync(file) ? readFileSync(file, 'utf8') : '# Benchmarks\n';
    const block = `${open}\n\n${text.trim()}\n\n${close}`;
    const [from, to] = [page.indexOf(open), page.indexOf(close)];
    const next =
        from < 0 || to < from
            ? `${page.trimEnd()}\n\n${block}\n`
            : page.slice(0, from) + block + page.slice(to + close.length);
    writeFileSync(file, next);
}

/** Half the range of the values as a share of their median. */
export function spreadText(values: readonly number[]): string {
    return `± ${Math.round(spread(values) * 100)} %`;
}

function digits(value: number, decimals?: number): string {
    if (!Number.isFinite(value)) {
        return '–';
    }
    return value.toFixed(decimals ?? (value < 1 ? 3 : value < 10 ? 2 : 1));
}

/** A whole number with commas. */
export function grouped(value: number): string {
    return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
}
