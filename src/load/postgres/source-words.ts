import { isServerAddress, serverAddress, showsPassword } from '../../postgres/server-address.ts';
import type { SourceOptions } from './source-options.ts';

/** What a command line says of a source. */
export interface SourceWords {
    /** `postgres://…`; where it is left out `ELT_SOURCE`, and what that leaves out the `PG…` variables say. */
    readonly address: string | undefined;
    readonly pipeline: string;
    readonly plugin?: string | undefined;
    readonly slot?: string | undefined;
    readonly publication?: readonly string[] | undefined;
    readonly tables?: readonly string[] | undefined;
}

/** @throws EltError COMMAND_WRONG. */
export function sourceOptions(words: SourceWords, environment = process.env): SourceOptions {
    const text = words.address ?? (environment.ELT_SOURCE || undefined);
    return {
        address: serverAddress(text, environment),
        pipeline: words.pipeline,
        plugin: words.plugin === 'wal2json' ? 'wal2json' : 'pgoutput',
        slot: words.slot,
        publications: words.publication ?? [],
        tables: words.tables ?? [],
    };
}

/** Whether a word of a command line names a server and not a file. */
export function isServer(word: string): boolean {
    return isServerAddress(word);
}

/** A warning for a password that everyone sees who lists the processes of the machine. */
export function passwordWarning(address: string | undefined): string | null {
    return address !== undefined && showsPassword(address)
        ? 'the password stands in the command line, where everyone on this machine can see it: ELT_SOURCE, PGPASSWORD or ~/.pgpass keep it'
        : null;
}
