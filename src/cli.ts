#!/usr/bin/env node
import type { Command } from 'commander';
import type { CommandContext, CommandDefinition } from './commands/command.ts';
import { refuseOldNode } from './node-version.ts';

refuseOldNode();
await keepCompiled();
process.exitCode = await main(process.argv);

/** Runs one command line; resolves with the exit status. */
async function main(words: readonly string[]): Promise<number> {
    // Loaded here, not above: nothing but the version check may run on an old Node.
    const { CommanderError } = await import('commander');
    const { COMMANDS } = await import('./commands/definitions.ts');
    let status = 0;
    const program = await makeProgram();
    for (const definition of COMMANDS) {
        addCommand(program, definition, (result) => {
            status = result;
        });
    }
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

/**
 * Lets Node keep what it has compiled for the next start. Not above: nothing but the version check may run on an old
 * Node.
 */
async function keepCompiled(): Promise<void> {
    const { enableCompileCache } = await import('node:module');
    enableCompileCache();
}

/** Keeps the heap's young part small, which costs 5 % of a landing's time and saves a fifth of the memory. */
async function keepHeapSmall(): Promise<void> {
    const { setFlagsFromString } = await import('node:v8');
    setFlagsFromString('--max-semi-space-size=4');
    setFlagsFromString('--semi-space-growth-factor=1');
}

async function makeProgram(): Promise<Command> {
    const { Command } = await import('commander');
    return new Command('elt')
        .description("SQL-first ELT for PostgreSQL's change stream, with SQLite as the engine")
        .version(await version())
        .option('--db <file>', 'the database file (default <pipeline>.db; ELT_DB)', collect)
        .option('--pipeline <name>', 'the folder in sql/ and migrations/ (default payments; ELT_PIPELINE)', collect)
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
        .helpCommand(false)
        .addHelpText(
            'after',
            '\nExamples:\n  $ elt sample payments > wal.json\n  $ elt run wal.json\n  $ elt show metrics',
        );
}

/** Only "elt serve" takes several; all others take the last. */
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
    const { settingsOf } = await import('./settings.ts');
    const { makeOutput } = await import('./report/output.ts');
    const { timeLimitOf } = await import('./commands/time-limit.ts');
    const { becomeWatched, isWatched } = await import('./statement-watch.ts');
    becomeWatched();
    const options = command.optsWithGlobals();
    const context: CommandContext = {
        settings: settingsOf({ ...options, db: options.db?.at(-1), pipeline: options.pipeline?.at(-1) }),
        output: makeOutput({ json: options.json === true, quiet: options.quiet === true }),
        options,
    };
    const limit = definition.timed === true && !isWatched() ? timeLimitOf(context) : null;
    if (limit !== null) {
        const { superviseCommand } = await import('./supervise.ts');
        return await superviseCommand(limit);
    }
    if (definition.quick !== true) {
        await keepHeapSmall();
    }
    return await (await definition.load())(context, command.args);
}

async function report(error: unknown, asJson: boolean): Promise<number> {
    const { EltError, renderError } = await import('./errors.ts');
    const known =
        error instanceof EltError
            ? error
            : new EltError({
                  code: 'BUG',
                  message: 'a mistake of ours',
                  found: error instanceof Error ? (error.stack ?? error.message) : String(error),
                  state: 'what was committed before is safe',
                  next: 'please report it, with the command and what stands here',
              });
    process.stderr.write(`${renderError(known)}\n`);
    if (asJson) {
        const { cause: _, ...facts } = known.facts;
        process.stdout.write(`${JSON.stringify({ error: facts })}\n`);
    }
    return known.exitStatus;
}

async function version(): Promise<string> {
    const { readFileSync } = await import('node:fs');
    const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
    return (JSON.parse(text) as { readonly version: string }).version;
}

/** `elt … | head` closes the pipe: that is no error. */
function endQuietlyWithoutReader(): void {
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
        process.exit(error.code === 'EPIPE' ? 0 : 7);
    });
}
