/**
 * `npm run bench:turso`: marts of `elt` beside Turso's materialized views: which SELECTs they take, what they come to,
 * and what it costs to keep them up to date. Turso is looked for as the package `pyturso` of `python3`, or of the Python
 * that ELT_TURSO_PYTHON names; where it is missing, it is left out.
 *
 *   --rows 1000,300000   of the shop, a case each
 *   --changes 1000       of a batch; at most a tenth of the rows
 *   --rounds 9           batches
 *   --only text          only SELECTs whose name holds it; docs/benchmarks.md is left alone
 *   --no-write           print, and leave docs/benchmarks.md alone
 */
import { parseArgs } from 'node:util';
import { grouped, machine, markdown, publish } from './report.ts';
import { EltKeeper } from './views/elt-keeper.ts';
import { faultLines } from './views/faults.ts';
import { KEPT_VIEWS } from './views/kept-views.ts';
import { MeasuredView } from './views/measured-view.ts';
import { shapeLines } from './views/shapes.ts';
import { ShopRows } from './views/shop-rows.ts';
import { TursoKeeper } from './views/turso-keeper.ts';
import { tursoVersion } from './views/turso-process.ts';
import type { KeptView, ViewKeeper } from './views/view-keeper.ts';

const { values: options } = parseArgs({
    options: {
        rows: { type: 'string', default: '1000,300000' },
        changes: { type: 'string', default: '1000' },
        rounds: { type: 'string', default: '9' },
        only: { type: 'string', default: '' },
        'no-write': { type: 'boolean', default: false },
    },
});
const version = tursoVersion();
const rounds = Number(options.rounds);
const lines: string[][] = [];
for (const view of KEPT_VIEWS.filter(({ name }) => name.includes(options.only))) {
    for (const rows of options.rows.split(',').map(Number)) {
        lines.push(...(await measure(view, rows, Math.min(Number(options.changes), Math.ceil(rows / 10)))));
    }
}
const head = [
    'SELECT',
    'rows',
    'changes',
    'who',
    'first fill s',
    'bare write ms',
    'with the view ms',
    'upkeep ms',
    'rows of the view',
];
const text = [
    machine([version === undefined ? 'Turso: not installed here, left out' : `Turso ${version}`]),
    '',
    '### The upkeep of a batch of changes',
    '',
    markdown(head, lines),
    '### Thirteen SELECTs',
    '',
    markdown(['shape', 'SELECT', 'elt', 'Turso'], await shapeLines(version !== undefined)),
    ...(version === undefined
        ? []
        : [
              '### Where a view of Turso is not its SELECT',
              '',
              markdown(['what', 'SQL', 'the view', 'its SELECT, in SQLite'], await faultLines()),
          ]),
].join('\n');
publish('bench:turso', text, !options['no-write'] && options.only === '');

/** The same rows and changes for each, a batch in turn. */
async function measure(view: KeptView, rows: number, count: number): Promise<readonly string[][]> {
    const elt = new EltKeeper();
    const keepers: readonly ViewKeeper[] = version === undefined ? [elt] : [elt, new TursoKeeper()];
    const measured = keepers.map((keeper) => new MeasuredView(keeper));
    try {
        const shop = new ShopRows(rows);
        for (const one of measured) {
            await one.begin(shop, view);
        }
        for (let round = 0; round < rounds; round++) {
            const changes = shop.changes(count);
            for (const one of measured) {
                await one.take(changes);
            }
        }
        const found: string[][] = [];
        for (const one of measured) {
            const cells = await one.cells(elt.selected());
            found.push([view.name, grouped(rows), grouped(count), ...cells]);
            process.stderr.write(`${found.at(-1)?.join(' | ')}\n`);
        }
        return found;
    } finally {
        await Promise.all(measured.map((one) => one.end()));
    }
}
