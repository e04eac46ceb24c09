import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { EltError, shorten } from '../../core/errors.ts';
import type { Interrupt } from '../../process/interrupt.ts';
import { tooFewHops } from '../fold/fold-names.ts';
import type { RunStatement } from '../print/print-spark.ts';
import { failedTest } from '../print/run-parts.ts';

/** How spark-sql is started. */
export interface SparkSql {
    readonly program: string;
    /** `key=value`, as `--conf` takes them; after those of a run, so that they overrule them. */
    readonly conf: readonly string[];
}

/** What a run of spark-sql reports while it runs. */
export interface SparkWatch {
    /** A statement was done; the next one begins. */
    readonly done: (statement: RunStatement, milliseconds: number) => void;
    readonly interrupt: Interrupt;
}

/** The program that runs SQL on a user's Spark: what is named, `$SPARK_HOME/bin/spark-sql`, or the one on the path. */
export function findSparkSql(named: string | undefined, environment: NodeJS.ProcessEnv = process.env): string {
    const home = environment.SPARK_HOME;
    const places = [
        ...(named === undefined ? [] : [named]),
        ...(named !== undefined || home === undefined || home === '' ? [] : [join(home, 'bin', 'spark-sql')]),
        ...(named === undefined
            ? (environment.PATH ?? '').split(delimiter).map((folder) => join(folder, 'spark-sql'))
            : []),
    ];
    const found = places.find((place) => existsSync(place));
    if (found === undefined) {
        throw new EltError({
            code: 'ENGINE_MISSING',
            message: 'spark-sql is not found',
            found:
                named ?? (home === undefined ? 'no SPARK_HOME, and none on the path' : join(home, 'bin', 'spark-sql')),
            state: 'nothing was run',
            next: 'set SPARK_HOME to where Apache Spark 4 is installed, or name the program with --spark-sql',
        });
    }
    return found;
}

/**
 * Runs statements by `spark-sql -f`, which ends at the first that fails.
 * @throws EltError TEST_FAILED, HOPS_TOO_FEW, ENGINE_FAILED, INTERRUPTED
 */
export async function runSparkSql(
    statements: readonly RunStatement[],
    { program, conf }: SparkSql,
    watch: SparkWatch,
): Promise<void> {
    const scratch = await mkdtemp(join(tmpdir(), 'elt-spark-'));
    try {
        const script = join(scratch, 'run.sql');
        await writeFile(script, statements.map(({ sql }) => `${sql};\n`).join(''));
        const words = [...RUN_CONF, ...conf].flatMap((one) => ['--conf', one]);
        // Spark leaves folders and logs where it is started.
        const child = spawn(program, [...words, '-f', script], { cwd: scratch, stdio: ['ignore', 'ignore', 'pipe'] });
        await watched(child, statements, program, watch);
    } finally {
        await rm(scratch, { recursive: true, force: true });
    }
}

/** A run needs no metastore: its tables are read by their folders. */
const RUN_CONF = ['spark.sql.catalogImplementation=in-memory', 'spark.ui.showConsoleProgress=false'];

/** Of what Spark says, the end is kept: it names the error. */
const SAID_CHARACTERS_MAX = 64_000;
const LOOK_MS = 100;

async function watched(
    child: ChildProcess,
    statements: readonly RunStatement[],
    program: string,
    { done, interrupt }: SparkWatch,
): Promise<void> {
    let said = '';
    let line = '';
    let next = 0;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        said = `${said}${text}`.slice(-SAID_CHARACTERS_MAX);
        const lines = `${line}${text}`.split('\n');
        line = lines.pop() ?? '';
        for (const [, seconds] of lines.flatMap((one) => [TIME_TAKEN.exec(one)].filter((match) => match !== null))) {
            const statement = statements[next++];
            if (statement !== undefined) {
                done(statement, Number(seconds) * 1_000);
            }
        }
    });
    const look = setInterval(() => {
        if (interrupt.requested()) {
            child.kill('SIGTERM');
        }
    }, LOOK_MS);
    try {
        const ended = await new Promise<{ readonly status: number | null; readonly signal: string | null }>(
            (resolve, reject) => {
                child.on('error', reject);
                child.on('close', (status, signal) => resolve({ status, signal }));
            },
        );
        await interrupt.check('nothing was published: readers see what they saw before');
        if (ended.status !== 0) {
            throw sparkError(
                said,
                statements[next],
                `${program} ended with ${ended.signal ?? `status ${ended.status}`}`,
            );
        }
    } finally {
        clearInterval(look);
    }
}

/** What spark-sql writes after each statement. */
const TIME_TAKEN = /^Time taken: ([\d.]+) seconds/;

function sparkError(said: string, at: RunStatement | undefined, ended: string): EltError {
    const state = 'nothing was published: readers see what they saw before';
    const test = failedTest(said);
    if (test !== undefined) {
        return new EltError({
            code: 'TEST_FAILED',
            message: `data test "${test}" found bad rows`,
            where: 'Spark',
            state,
            next: `look at the rows with "elt test", correct the model or the test, then run it again`,
        });
    }
    const hops = tooFewHops(said);
    if (hops !== undefined) {
        const next = 'run it again with twice as many --hops, or without, and they are raised';
        return new EltError({ code: 'HOPS_TOO_FEW', message: hops, where: 'Spark', state, next });
    }
    return new EltError({
        code: 'ENGINE_FAILED',
        message: `Spark failed${at === undefined ? '' : ` in "${at.of}"`}`,
        found: shorten(errorLines(said), FOUND_CHARACTERS_MAX),
        state,
        next: 'look at what Spark says; running again is safe',
        cause: new Error(ended),
    });
}

const FOUND_CHARACTERS_MAX = 1_000;

/** The first error of what Spark said, without the places in its own code. */
function errorLines(said: string): string {
    const lines = said
        .split('\n')
        .filter((one) => one.trim() !== '' && !/^\s+at |^Time taken|^\d\d\/\d\d\/\d\d .* (?:INFO|WARN) /.test(one));
    const first = lines.findIndex((one) => /error|exception|\[[A-Z_.]+\]/i.test(one));
    return lines.slice(first < 0 ? -5 : first, first < 0 ? undefined : first + 5).join('\n');
}
