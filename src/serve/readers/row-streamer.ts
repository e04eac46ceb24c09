import { endWithParent } from '../../process/end-with-parent.ts';
import { END_SIGNALS } from '../../process/signals.ts';
import { shownColumns } from '../../query/shown-columns.ts';
import { closeDatabase } from '../../sqlite/database.ts';
import { rowText } from './answer-row-text.ts';
import { type JobQuery, MEMORY_SIGNAL, READER_RESIDENT_BYTES_MAX, type StreamHead } from './reader-wire.ts';
import { openForReading } from './reading-connection.ts';
import { codeOf, failureOf, StatementCache, valuesOf } from './run-query.ts';
import { writeAll } from './write-all.ts';

/**
 * The program of a stream: a process that runs one query, writes its rows as they come, however many, and ends. Its
 * memory does not grow with them: while nobody takes them it waits. It writes its head, a line of JSON, once there is a
 * first row; then the text of the rows. Only an end with status 0 is the end of the rows.
 */

/** Rows are written in pieces of about this many characters. */
const PIECE_CHARACTERS = 65_536;

// Ctrl-C reaches every process of the terminal, but the server decides when a stream ends.
for (const signal of END_SIGNALS) {
    process.on(signal, () => undefined);
}
const working = endWithParent({ residentBytesMax: READER_RESIDENT_BYTES_MAX, signal: MEMORY_SIGNAL });
working(true);
let job = '';
process.stdin.setEncoding('utf8');
for await (const chunk of process.stdin) {
    job += chunk as string;
}
const { database: path, query } = JSON.parse(job) as {
    readonly database: string;
    readonly query: JobQuery;
};
process.exit(run());

function run(): number {
    let database: ReturnType<typeof openForReading>;
    try {
        database = openForReading(path);
    } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        return refuse({ database: { code: codeOf(error), message } });
    }
    let hasBegun = false;
    try {
        const { statement, columns } = new StatementCache(database).prepare(query.sql, query.reads);
        const text = rowText(query.format, columns.slice(0, shownColumns(columns)), query.cutToSeconds);
        let piece = '';
        const flush = (): void => {
            writeAll(Buffer.from(hasBegun ? piece : `${JSON.stringify({} satisfies StreamHead)}\n${piece}`));
            hasBegun = true;
            piece = '';
        };
        piece += text.first;
        let rows = 0;
        for (const row of statement.iterate(valuesOf(query)) as Iterable<unknown[]>) {
            piece += rows === 0 ? text.row(row) : text.between + text.row(row);
            rows++;
            if (piece.length >= PIECE_CHARACTERS) {
                flush();
            }
        }
        piece += text.last;
        flush();
        return 0;
    } catch (error) {
        return hasBegun ? 1 : refuse({ failure: failureOf(error) });
    } finally {
        closeDatabase(database);
    }
}

function refuse(head: StreamHead): number {
    writeAll(Buffer.from(`${JSON.stringify(head)}\n`));
    return 1;
}
