import type { ServerAddress } from '../../postgres/server-address.ts';

/** What a person asked for of a source. */
export interface SourceOptions {
    readonly address: ServerAddress;
    readonly pipeline: string;
    readonly plugin: 'pgoutput' | 'wal2json';
    /** The slot's name; by default one of ours. */
    readonly slot: string | undefined;
    /** Publications that are there already; by default ours are created. */
    readonly publications: readonly string[];
    /** `orders`, `sales.*`; empty: every table. */
    readonly tables: readonly string[];
}
