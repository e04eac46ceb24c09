import { createRequire } from 'node:module';

/** The command line parser that umzug depends on and nothing here uses. */
const COMMAND_LINE = '@rushstack/ts-command-line';

/**
 * Loads umzug without its command line parser, which takes 55 of 70 ms in a first run. Empty classes replace it: umzug
 * derives its commands from them, and they are never instantiated.
 */
export async function loadUmzug(): Promise<typeof import('umzug')> {
    const require = createRequire(import.meta.url);
    try {
        const path = createRequire(require.resolve('umzug')).resolve(COMMAND_LINE);
        require.cache[path] ??= unused(path);
    } catch {
        // This umzug does not use the parser.
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
