import { type EltError, escapeControls } from '../core/errors.ts';
import type { FollowProgress } from '../load/follow-parts.ts';
import type { CopyProgress } from '../load/postgres/copy-tables.ts';
import type { LiveRun } from '../transform/live-transform.ts';
import type { Output } from './output.ts';
import { bytesText, counted, durationText, grouped } from './text-table.ts';

interface Finding {
    readonly subject: string;
    readonly finding: string;
    readonly effect: string;
    readonly sql: readonly string[];
}

const REDRAW_MS = 200;
const BAR_CHARACTERS = 24;
/** The rate that is shown is that of the last seconds. */
const RATE_MS = 5_000;
/** Of these no two are nearer to each other: a follower may commit a thousand times a second. */
const RATE_STEP_MS = 50;
/** Outside of a terminal a line is written so often, while there is something new to say. */
const LOG_MS = 60_000;
/** While nothing is committed, the lag is written for programs so often. */
const QUIET_MS = 10_000;
/** Places of more partitions than that are not listed. */
const PLACES_SHOWN = 12;

/**
 * What a person sees of a follower: a bar while tables are copied, then one line that is drawn anew, and a line of its
 * own for whatever happens. In a log that line is written once a minute, while it changes. For machines each of them is a
 * JSON line on standard output.
 */
export class FollowView {
    readonly #output: Output;
    readonly #name: string;
    readonly #heard: () => void;
    #drawn = 0;
    #isDrawn = false;
    #copyBegan = 0;
    #copiedAt = 0;
    #copied: CopyProgress | null = null;
    #tables = 0;
    #error: string | null = null;
    #stops = '';
    #rates: { readonly at: number; readonly changes: number }[] = [];
    #isLost = false;
    /** When the last line for machines was written. */
    #told = performance.now();
    /** When the last line was written to a log, and what it counted. */
    #logged = { at: performance.now(), count: 0 };

    /** `heard`: called after each commit, and often in between. */
    constructor(output: Output, name: string, heard: () => void = () => undefined) {
        this.#output = output;
        this.#name = name;
        this.#heard = heard;
    }

    note(text: string): void {
        this.#line(text, { event: 'note', text });
    }

    found({ subject, finding, effect, sql }: Finding): void {
        const text = `${subject} ${finding}: ${effect}`;
        this.#line(`note: ${text}`, { event: 'finding', subject, finding, effect, sql });
    }

    copies(copy: CopyProgress): void {
        this.#copyBegan ||= performance.now();
        this.#copied = copy;
        this.#copiedAt = performance.now();
        this.#show(copy.rows, () => copyLine(copy, performance.now() - this.#copyBegan));
    }

    streams({
        name,
        end_lsn: lsn,
        slot,
        tables: followed,
    }: {
        readonly name: string;
        readonly end_lsn: string | null;
        readonly slot: string;
        readonly tables: number;
    }): void {
        this.#tables = followed;
        if (this.#copied !== null) {
            const { rows, tables, bytes } = this.#copied;
            const time = durationText(this.#copiedAt - this.#copyBegan);
            this.#line(
                `copied  ${counted(tables, 'table')}, ${counted(rows, 'row')} (${bytesText(bytes)} in ${time})`,
                {
                    event: 'copied',
                    tables,
                    rows,
                    bytes,
                    milliseconds: Math.round(this.#copiedAt - this.#copyBegan),
                },
            );
        }
        this.#line(`following ${name}, slot ${slot}, from ${lsn}`, { event: 'following', source: name, slot, lsn });
    }

    /** Topics are read from these places on. */
    reads(
        name: string,
        places: readonly { readonly topic: string; readonly partition: number; readonly nextOffset: number }[],
    ): void {
        const offsets = places.map(({ topic, partition, nextOffset }) => `${topic}/${partition}@${nextOffset}`);
        const shown = offsets.length <= PLACES_SHOWN ? offsets.join(', ') : `${counted(offsets.length, 'partition')}`;
        this.#line(`following ${name}, from ${shown}`, { event: 'following', source: name, offsets });
    }

    connected(): void {
        if (this.#isLost) {
            this.#isLost = false;
            this.#line('connected again', { event: 'connected' });
        }
    }

    retrying(error: EltError, waitMs: number): void {
        this.#isLost = true;
        const cause = error.facts.cause === undefined ? '' : ` (${String(error.facts.cause).split('\n')[0]})`;
        this.#line(`${error.code}: ${error.message}${cause}; trying again in ${durationText(waitMs)}`, {
            event: 'retrying',
            code: error.code,
            message: error.message,
            wait_ms: Math.round(waitMs),
        });
    }

    /** A file or a data test that fails is said once, and so is a current table that cannot follow its relation. */
    transformed(run: Exclude<LiveRun, 'apart'> | null): void {
        if (run !== null && 'result' in run) {
            this.#stopped(run.result.stops);
        }
        const error = run !== null && 'error' in run ? run.error : null;
        const text = error === null ? null : `${error.code}: ${error.message}`;
        if (text !== null && text !== this.#error) {
            const { where, found } = (error as EltError).facts;
            this.#line(
                `${text}${where === undefined ? '' : ` (${where})`}; changes land, the marts stay as they are until it is fixed`,
                { event: 'transform failed', error: { code: error?.code, where, found } },
            );
        } else if (text === null && this.#error !== null) {
            this.#line('the marts are up to date again', { event: 'transformed again' });
        }
        this.#error = text;
    }

    #stopped(stops: readonly EltError[]): void {
        const text = stops.map(({ code, message }) => `${code}: ${message}`).join('; ');
        if (text !== '' && text !== this.#stops) {
            this.#line(`${text}; what reads it stays as it is, everything else continues (see elt status)`, {
                event: 'stopped',
                stops: stops.map(({ code, facts: { message, found, next } }) => ({ code, message, found, next })),
            });
        }
        this.#stops = text;
    }

    progressed(progress: FollowProgress): void {
        const now = performance.now();
        if (now - (this.#rates.at(-1)?.at ?? Number.NEGATIVE_INFINITY) >= RATE_STEP_MS) {
            this.#rates.push({ at: now, changes: progress.changes });
            this.#rates = this.#rates.filter(({ at }) => now - at < RATE_MS);
        }
        const { changes, lag, milliseconds } = progress;
        if (milliseconds !== null || now - this.#told >= QUIET_MS) {
            this.#told = now;
            this.#output.result({
                event: milliseconds === null ? 'waiting' : 'committed',
                at: new Date().toISOString(),
                changes,
                changes_per_second: this.#rate(changes, now),
                [`lag_${lag.unit}`]: lag.behind,
                lag_seconds: lag.seconds === null ? null : rounded(lag.seconds),
                ...(this.#tables === 0 ? {} : { tables: this.#tables }),
                ...(milliseconds === null ? {} : { milliseconds: rounded(milliseconds) }),
            });
        }
        this.#show(changes, () => this.#statusLine(progress));
        this.#heard();
    }

    end(): void {
        this.#clear();
    }

    #statusLine({ changes, lag }: FollowProgress): string {
        const rate = this.#rate(changes, performance.now());
        const behind = lagText(lag);
        const failing = this.#error === null ? '' : `  ${this.#error}`;
        const tables = this.#tables === 0 ? '' : `  ${counted(this.#tables, 'table')}`;
        return `${this.#name}${tables}  ${grouped(changes)} changes  ${grouped(rate)}/s  lag ${behind}${failing}`;
    }

    /** Changes a second, of the last seconds. */
    #rate(changes: number, now: number): number {
        const [first] = this.#rates;
        const seconds = first === undefined ? 0 : (now - first.at) / 1_000;
        return seconds > 0.5 ? Math.round((changes - (first?.changes ?? 0)) / seconds) : 0;
    }

    #line(text: string, event: Readonly<Record<string, unknown>>): void {
        this.#clear();
        if (this.#output.json) {
            this.#output.result(event);
        } else {
            this.#output.note(text);
        }
    }

    /** `count`: of what the text is about. */
    #show(count: number, text: () => string): void {
        if (this.#output.json) {
            return;
        }
        if (this.#output.showsProgress) {
            this.#draw(text);
        } else if (count !== this.#logged.count && performance.now() - this.#logged.at >= LOG_MS) {
            this.#logged = { at: performance.now(), count };
            this.#output.note(text());
        }
    }

    #draw(text: () => string): void {
        const now = performance.now();
        if (now - this.#drawn < REDRAW_MS) {
            return;
        }
        this.#drawn = now;
        this.#isDrawn = true;
        process.stderr.write(`\r\u001b[K${escapeControls(text())}`);
    }

    #clear(): void {
        if (this.#isDrawn) {
            this.#isDrawn = false;
            process.stderr.write('\r\u001b[K');
        }
    }
}

function rounded(number: number): number {
    return Math.round(number * 10) / 10;
}

function lagText({ behind, unit, seconds }: FollowProgress['lag']): string {
    if (behind === null) {
        return 'unknown';
    }
    const text = unit === 'bytes' ? bytesText(behind) : counted(behind, 'message');
    return seconds === null || behind === 0 ? text : `${text}, ${durationText(seconds * 1_000)}`;
}

function copyLine({ table, tablesDone, tables, rows, rowsExpected, bytes }: CopyProgress, elapsedMs: number): string {
    const share = rowsExpected === 0 ? tablesDone / Math.max(1, tables) : Math.min(1, rows / rowsExpected);
    const filled = Math.round(share * BAR_CHARACTERS);
    const bar = `[${'#'.repeat(filled)}${'-'.repeat(BAR_CHARACTERS - filled)}]`;
    const rate = grouped(Math.round((rows * 1_000) / Math.max(1, elapsedMs)));
    const left = share > 0.01 ? `  ${durationText((elapsedMs * (1 - share)) / share)} left` : '';
    return `${bar} ${Math.floor(share * 100)} %  ${table}, ${tablesDone} of ${counted(tables, 'table')}  ${bytesText(bytes)}  ${rate} rows/s${left}`;
}
