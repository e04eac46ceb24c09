import { Command, CommanderError } from 'commander';
import type { CommandContext, CommandDefinition } from './commands/command.ts';
import { COMMANDS } from './commands/definitions.ts';
import { timeLimitOf } from './commands/time-limit.ts';
import { EltError, renderError } from './core/errors.ts';
import { BELONGS_TO_PARENT } from './process/end-with-parent.ts';
import type { FirstSignals } from './process/first-signals.ts';
import { continueFrom, endIfSignalled, letSignalsEnd, takeFirstSignals } from './process/interrupt.ts';
import { becomeWatched, isWatched } from './process/statement-watch.ts';
import { packageVersion, settingsOf } from './project/settings.ts';
import { jsonDocument } from './report/json-document.ts';
import { makeOutput } from './report/output.ts';

/** What a scheduler needs to know; docs/errors.md lists the errors of each. */
const EXIT_STATUSES = `Exit statuses:
  0    done
  2    the command is wrong
  3    a source cannot be read further
  4    done, but look: records were put aside (elt rejects, elt push rejects), or check --strict found something
  5    a relation changed, and a person must decide
  6    a SQL file or a data test failed, nothing was published
  7    the database or the disk refuses
  8    a target has not taken a mart in (elt push status); all else is done
  70   an internal error
  130  interrupted`;

/** Runs one command line; resolves with the exit status. `firstSignals` are listening since the process began. */
export async function runCommandLine(words: readonly string[], firstSignals: FirstSignals): Promise<number> {
    continueFrom(firstSignals);
    let status = 0;
    const program = makeProgram();
    for (const definition of COMMANDS) {
        addCommand(program, definition, (result) => {
            status = result;
        });
    }
    program
        .command('version')
        .description('print the version, as --version does')
        .action(() => {
            process.stdout.write(`${packageVersion()}\n`);
        });
    endQuietlyWithoutReader();
    try {
        await program.parseAsync(words);
        return status;
    } catch (error) {
        if (error instanceof CommanderError) {
            return error.exitCode === 0 ? 0 : 2;
        }
        return await report(error, program.opts().json === true);
    }
}

/** Keeps the young generation of the heap small, which costs 5 % of a landing's time and saves a fifth of the memory. */
function keepHeapSmall(): void {
    const { setFlagsFromString } = process.getBuiltinModule('node:v8');
    setFlagsFromString('--max-semi-space-size=4');
    setFlagsFromString('--semi-space-growth-factor=1');
}

function makeProgram(): Command {
    return new Command('elt')
        .description("SQL-first ELT for PostgreSQL's change stream, with SQLite as the engine")
        .version(packageVersion())
        .option('--db <file>', 'the database file (default <pipeline>.db; ELT_DB)', collect)
        .option(
            '--pipeline <name>',
            'the folder in sql/ and migrations/ (default: the only one; ELT_PIPELINE)',
            collect,
        )
        .option(
            '--project <folder>',
            'where sql/ and migrations/ are (default here, else what comes with elt; ELT_PROJECT)',
        )
        .option('--json', 'results as JSON on standard output')
        .option('--quiet', 'no notes and no progress on standard error')
        .exitOverride()
        .configureOutput({
            outputError: (text, write) => write(`error COMMAND_WRONG: ${text.replace(/^error: /, '')}`),
        })
        .showSuggestionAfterError()
        .helpCommand('help [command]', 'describe a command, as --help does')
        .addHelpText(
            'after',
            `\nExamples:\n  $ elt sample payments > wal.json\n  $ elt --pipeline payments run wal.json\n  $ elt --pipeline payments show metrics\n\n${EXIT_STATUSES}`,
        );
}

/** Only "elt serve" takes several; the other commands use the last. */
function collect(value: string, before: readonly string[] | undefined): readonly string[] {
    return [...(before ?? []), value];
}

function addCommand(program: Command, definition: CommandDefinition, done: (status: number) => void): void {
    const names = definition.name.split(' ');
    const parent = names.length === 1 ? program : program.commands.find((command) => command.name() === names[0]);
    const command = (parent ?? program)
        .command(names.at(-1) ?? '')
        .description(definition.summary)
        .exitOverride();
    for (const [flags, description] of definition.options ?? []) {
        command.option(flags, description);
    }
    if (definition.timed === true) {
        command.option('--timeout <duration>', 'end a SQL statement that runs longer, e.g. 30s (ELT_TIMEOUT)');
    }
    if (definition.arguments !== undefined) {
        command.argument(definition.arguments);
    }
    command.addHelpText('after', `\nExamples:\n${definition.examples.map((line) => `  $ ${line}`).join('\n')}`);
    command.action(async () => {
        done(await run(definition, command));
    });
}

async function run(definition: CommandDefinition, command: Command): Promise<number> {
    becomeWatched();
    if (isWatched()) {
        // The watching process handles them.
        takeFirstSignals();
    }
    const options = command.optsWithGlobals();
    const context: CommandContext = {
        settings: settingsOf({ ...options, db: options.db?.at(-1), pipeline: options.pipeline?.at(-1) }),
        output: makeOutput({ json: options.json === true, quiet: options.quiet === true }),
        options,
    };
    const limit = definition.timed === true && !isWatched() ? timeLimitOf(context) : null;
    if (limit !== null) {
        const { superviseCommand } = await import('./process/supervise.ts');
        await endIfSignalled();
        return await superviseCommand(limit);
    }
    // Before the flags: Node reuses its compile cache only between processes with the same flags, and commands share it.
    const work = await definition.load();
    if (definition.quick !== true) {
        keepHeapSmall();
    }
    await (definition.listens === true ? endIfSignalled() : letSignalsEnd());
    return await work(context, command.args);
}

async function report(error: unknown, asJson: boolean): Promise<number> {
    const known = error instanceof EltError ? error : await internalError(error);
    if (known.code === 'INTERRUPTED' && process.env[BELONGS_TO_PARENT] !== undefined) {
        // By its parent, whose lines these would become.
        return known.exitStatus;
    }
    process.stderr.write(`${renderError(known)}\n`);
    if (asJson) {
        const { cause: _, ...facts } = known.facts;
        process.stdout.write(`${JSON.stringify(jsonDocument({ error: facts }))}\n`);
    }
    return known.exitStatus;
}

async function internalError(error: unknown): Promise<EltError> {
    const { withStackPlaces } = await import('./process/stack-places.ts');
    return new EltError({
        code: 'BUG',
        message: 'internal error',
        found: withStackPlaces(error instanceof Error ? (error.stack ?? error.message) : String(error)),
        state: 'what was committed before is safe',
        next: 'please report it, with the command and this text',
    });
}

/** `elt … | head` closes the pipe, which is not an error. */
function endQuietlyWithoutReader(): void {
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
        process.exit(error.code === 'EPIPE' ? 0 : 7);
    });
}
