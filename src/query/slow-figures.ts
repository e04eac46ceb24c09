import type { Finding } from '../ledger/finding.ts';
import type { Database } from '../sqlite/database.ts';
import { answer, bindParameters } from './answer.ts';
import { readDashboard } from './dashboard.ts';
import type { Figure } from './figure.ts';

/** A page is read again after each run: a figure that takes longer is worth a mart or an index. */
const SLOW_MS = 500;

/**
 * The figures of a pipeline's dashboard that take longer than a page should wait for them, on this database and without
 * filters. Each is queried; one that takes long is queried twice, since the first time may only have read the file.
 */
export function slowFigures(database: Database, sqlFolder: string, pipeline: string): readonly Finding[] {
    return readDashboard(sqlFolder, pipeline).figures.flatMap((entry) => {
        const milliseconds = 'figure' in entry ? quickest(database, entry.figure) : null;
        if (!('figure' in entry) || milliseconds === null || milliseconds <= SLOW_MS) {
            return [];
        }
        const scans = scannedTables(database, entry.figure);
        return [
            {
                subject: entry.figure.file,
                finding: `takes ${(milliseconds / 1_000).toFixed(1)} s; a page waits ${SLOW_MS} ms gladly`,
                lost: 'time: it is queried after each run, and above the time limit of the server it is not shown',
                fix: `let it read a mart with fewer rows, or an index${scans.length === 0 ? '' : `; it reads all rows of ${scans.join(', ')}`}`,
            },
        ];
    });
}

/** Null: it cannot be queried, or needs parameters. */
function quickest(database: Database, figure: Figure): number | null {
    try {
        const first = timed(database, figure);
        return first <= SLOW_MS ? first : Math.min(first, timed(database, figure));
    } catch {
        return null;
    }
}

function timed(database: Database, figure: Figure): number {
    const values = bindParameters(figure, new Map(Object.entries(figure.example)));
    const begun = performance.now();
    for (const _ of answer(database, figure, values).rows) {
        // They are only read.
    }
    return performance.now() - begun;
}

/** Source: https://www.sqlite.org/eqp.html ("SCAN" reads all rows of a table or an index). */
function scannedTables(database: Database, figure: Figure): readonly string[] {
    const values = bindParameters(figure, new Map(Object.entries(figure.example)));
    const plan = database.prepare(`explain query plan ${figure.statement.sql}`).all(values) as { detail: string }[];
    const tables = new Set(
        (database.prepare("select name from sqlite_schema where type = 'table'").pluck().all() as string[]).map(
            (name) => name.toLowerCase(),
        ),
    );
    const scanned = plan.flatMap(({ detail }) => /^SCAN (\S+)/.exec(detail)?.[1] ?? []);
    return [...new Set(scanned)].filter((name) => tables.has(name.toLowerCase()));
}
