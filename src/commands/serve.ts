import { EltError } from '../core/errors.ts';
import { letSignalsEnd, takeFirstSignals } from '../process/interrupt.ts';
import { END_SIGNALS } from '../process/signals.ts';
import { refuseUnknownPipeline, type Settings, settingsOf, sqlFolder } from '../project/settings.ts';
import type { Output } from '../report/output.ts';
import { SERVE_DEFAULTS, type ServeOptions } from '../serve/answers/serve-options.ts';
import { isHostName, isLoopback } from '../serve/http/request-host.ts';
import { serverToken, TOKEN_CHARACTERS_SAFE } from '../serve/http/server-token.ts';
import type { RunCommand } from './command.ts';
import { wholeNumber } from './whole-number.ts';

export const serve: RunCommand = async ({ settings, output, options }) => {
    // Loaded here, when the heap has its limits: loaded before, it leaves the server 25 MB larger.
    const { refuseFileOfOtherElt } = await import('../project/open-database.ts');
    const pipelines = servedPipelines(settings, options);
    for (const one of pipelines) {
        refuseUnknownPipeline(one);
        await refuseFileOfOtherElt(one);
    }
    const host = text(options.host) ?? SERVE_DEFAULTS.host;
    const token = serverToken({
        option: options.token as string | false | undefined,
        file: options.tokenFile as string | undefined,
        environment: process.env,
    });
    refuseOpen(host, token, options.token === false);
    const allowedHosts = list(options.allowedHost).map(hostName);
    const serveOptions = {
        host,
        port: wholeNumber(options.port ?? SERVE_DEFAULTS.port, '--port', 0, 65_535),
        corsOrigins: list(options.cors).map(originOf),
        token,
        allowedHosts,
        timeoutMs: wholeNumber(options.timeoutMs ?? SERVE_DEFAULTS.timeoutMs, '--timeout-ms', 10, 3_600_000),
        rowsMax: wholeNumber(options.rowsMax ?? SERVE_DEFAULTS.rowsMax, '--rows-max', 1, 10_000_000),
        bytesMax: SERVE_DEFAULTS.bytesMax,
        readers: wholeNumber(options.readers ?? SERVE_DEFAULTS.readers, '--readers', 1, 64),
        logsRequests: !output.quiet,
        sqlFolder: sqlFolder(settings),
        pipelines: pipelines.map(({ pipeline, db }) => ({ name: pipeline, file: db })),
        modelsPage: async (name: string) => {
            const served = pipelines.find(({ pipeline }) => pipeline === name) as Settings;
            return (await (await import('./models-html.ts')).modelsHtml(served)).html;
        },
    };
    const names = pipelines.map(({ pipeline }) => pipeline);
    const snapshot = text(options.snapshot);
    if (snapshot !== undefined) {
        await letSignalsEnd();
        return await writeTo(snapshot, serveOptions, output);
    }
    const { startServer } = await import('../serve/server.ts');
    const server = await startServer(serveOptions);
    output.print(`serving  ${names.join(', ')} at ${server.address}`);
    output.result({ address: server.address, pipelines: names });
    if (token === null && !isLoopback(host)) {
        // Also with --quiet: this must not go unnoticed.
        process.stderr.write(
            `warning  there is no token: anyone who can reach ${server.address} can read what is served\n`,
        );
    }
    if (token !== null && token.length < TOKEN_CHARACTERS_SAFE) {
        output.note(`the token is shorter than ${TOKEN_CHARACTERS_SAFE} characters: it can be guessed`);
    }
    await stopRequested();
    await server.close();
    return 0;
};

/** Writes the dashboards as one file, and ends. */
async function writeTo(file: string, serveOptions: ServeOptions, output: Output): Promise<number> {
    const { writeSnapshot } = await import('../serve/write-snapshot.ts');
    const { figures, failed } = await writeSnapshot(serveOptions, file, new Date());
    output.print(
        `written  ${file}: ${figures} figures${failed === 0 ? '' : `, ${failed} of which say why they failed`}`,
    );
    output.result({ file, figures, failed });
    return 0;
}

/** Refuses an address that other machines can reach, unless there is a token or `--no-token` allows them to read. */
function refuseOpen(host: string, token: string | null, isMeant: boolean): void {
    if (token === null && !isMeant && !isLoopback(host)) {
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: `others reach a server on "${host}", and there is no token`,
            state: 'nothing is served',
            next: 'give one with --token-file or ELT_TOKEN, or say --no-token if everybody may read',
        });
    }
}

function hostName(given: string): string {
    if (!isHostName(given)) {
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: `"${given}" is not a host`,
            found: 'expected "data.example.com", without a scheme and a port',
            next: 'correct --allowed-host',
        });
    }
    return given;
}

/** `--pipeline` is repeated to serve several; `--db` is then NAME=FILE. */
function servedPipelines(settings: Settings, options: Readonly<Record<string, unknown>>): readonly Settings[] {
    const names = [...new Set(list(options.pipeline))];
    const files = list(options.db);
    if (names.length <= 1 && files.every((file) => !isNamed(file, settings.pipeline))) {
        return [settings];
    }
    const byName = new Map(
        files.map((file) => {
            const name = names.find((one) => isNamed(file, one));
            if (name === undefined) {
                throw new EltError({
                    code: 'COMMAND_WRONG',
                    message: `"--db ${file}" names none of the pipelines`,
                    found: `with several pipelines it is NAME=FILE, NAME one of ${names.join(', ')}`,
                    next: 'correct the option',
                });
            }
            return [name, file.slice(name.length + 1)];
        }),
    );
    return (names.length === 0 ? [settings.pipeline] : names).map((pipeline) => ({
        ...settingsOf({ pipeline, db: byName.get(pipeline) ?? `${pipeline}.db`, project: settings.project }),
    }));
}

function isNamed(file: string, pipeline: string): boolean {
    return file.startsWith(`${pipeline}=`);
}

function originOf(given: string): string {
    const isOrigin = given === '*' || (URL.canParse(given) && new URL(given).origin === given);
    if (!isOrigin) {
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: `"${given}" is not an origin`,
            found: 'expected "https://example.com", without a path, or "*"',
            next: 'correct --cors',
        });
    }
    return given;
}

function text(value: unknown): string | undefined {
    return typeof value === 'string' && value !== '' ? value : undefined;
}

function list(value: unknown): readonly string[] {
    return Array.isArray(value) ? value.map(String) : value === undefined ? [] : [String(value)];
}

/** Ctrl-C or SIGTERM requests a stop; a second one ends the process at once. */
function stopRequested(): Promise<void> {
    return new Promise((resolve) => {
        let signals = 0;
        const onSignal = (): void => {
            signals++;
            if (signals > 1) {
                process.exit(130);
            }
            resolve();
        };
        for (const signal of END_SIGNALS) {
            process.on(signal, onSignal);
        }
        signals += takeFirstSignals();
        if (signals > 0) {
            resolve();
        }
    });
}
