import { createRequire } from 'node:module';

/** The parser of a command line that umzug brings, and nothing here asks for. */
const COMMAND_LINE = '@rushstack/ts-command-line';

/**
 * Loads umzug without its command line: of 70 ms in a first run that parser and what it loads take 55. In its place
 * stand empty classes, from which umzug derives its commands, and which nobody makes.
 */
export async function loadUmzug(): Promise<typeof import('umzug')> {
    const require = createRequire(import.meta.url);
    try {
        const path = createRequire(require.resolve('umzug')).resolve(COMMAND_LINE);
        require.cache[path] ??= unused(path);
    } catch {
        // An umzug that does without it.
    }
    return await import('umzug');
}

function unused(path: string): NodeJS.Module {
    class Unused {}
    const exports = new Proxy({}, { get: () => Unused });
    return {
        id: path,
        path,
        filename: path,
        exports,
        loaded: true,
        children: [],
        paths: [],
    } as unknown as NodeJS.Module;
}
