import { type RelationFacts, type TypeNames, typeKey } from '../../core/relation-facts.ts';
import type { ServerAddress } from '../../postgres/server-address.ts';
import { ServerConnection } from '../../postgres/server-connection.ts';

/** A stream names many relations one after the other, and then none for long. */
const KEPT_MS = 5_000;

interface ColumnType {
    readonly oid: number;
    readonly modifier: number;
}

/** Both are wanted as the catalogue has them now. */
const TYPE_NAMES = `
    select pg_catalog.format_type(wanted.oid, wanted.modifier) as name,
        exists (select from pg_catalog.pg_type where pg_type.oid = wanted.oid) as "isThere"
    from rows from (pg_catalog.unnest($1::pg_catalog.oid[]), pg_catalog.unnest($2::pg_catalog.int4[]))
        with ordinality as wanted (oid, modifier, place)
    order by wanted.place`;

const PRIMARY_KEY = `
    select pg_class.oid, pg_attribute.attname as name
    from pg_catalog.pg_class
    left join pg_catalog.pg_index on pg_index.indrelid = pg_class.oid and pg_index.indisprimary
    left join pg_catalog.pg_attribute
        on pg_attribute.attrelid = pg_class.oid and pg_attribute.attnum = any (pg_index.indkey::pg_catalog.int2[])
    where pg_class.oid = $1
    order by pg_catalog.array_position(pg_index.indkey::pg_catalog.int2[], pg_attribute.attnum)`;

/**
 * Asks the server what a relation's message leaves out, by a connection of its own that it opens when it is needed.
 * Owns the names of types: what was asked once is not asked again.
 */
export class FactsReader {
    readonly #address: ServerAddress;
    readonly #names: Map<string, string>;
    /** As the stream's own messages name types; only for one that is gone from the catalogue. */
    readonly #told = new Map<number, string>();
    #connection: ServerConnection | null = null;
    #timer: NodeJS.Timeout | undefined;

    constructor(address: ServerAddress, names: TypeNames) {
        this.#address = address;
        this.#names = new Map(Object.entries(names));
    }

    /** A message `Y`: of a domain it tells the name of the type under it. */
    noteType(message: Buffer): void {
        const schemaEnd = message.indexOf(0, 5);
        const schema = message.toString('utf8', 5, schemaEnd);
        const name = message.toString('utf8', schemaEnd + 1, message.indexOf(0, schemaEnd + 1));
        this.#told.set(message.readUInt32BE(1), schema === '' ? name : `${schema}.${name}`);
    }

    /** Of a message `R`. @throws what the server or the connection throws. */
    async ask(message: Buffer): Promise<RelationFacts> {
        const { oid, columns } = columnTypes(message);
        const connection = await this.#open();
        const newNames = await this.#learn(connection, columns);
        const key = await connection.rows<{ readonly name: string | null }>(PRIMARY_KEY, [oid]);
        const types = columns.map((column) => this.#names.get(typeKey(column.oid, column.modifier)) as string);
        const names = key.flatMap(({ name }) => name ?? []);
        return { oid, types, primaryKey: key.length === 0 ? null : names, newNames };
    }

    close(): void {
        clearTimeout(this.#timer);
        this.#connection?.destroy();
        this.#connection = null;
    }

    async #open(): Promise<ServerConnection> {
        clearTimeout(this.#timer);
        if (this.#connection?.isBroken !== false) {
            this.#connection = await ServerConnection.open(this.#address);
        }
        this.#timer = setTimeout(() => this.close(), KEPT_MS);
        return this.#connection;
    }

    async #learn(connection: ServerConnection, columns: readonly ColumnType[]): Promise<TypeNames> {
        const unknown = columns.filter(({ oid, modifier }) => !this.#names.has(typeKey(oid, modifier)));
        if (unknown.length === 0) {
            return {};
        }
        const rows = await connection.rows<{ readonly name: string; readonly isThere: string }>(TYPE_NAMES, [
            unknown.map(({ oid }) => oid),
            unknown.map(({ modifier }) => modifier),
        ]);
        const learnt: Record<string, string> = {};
        for (const [index, { oid, modifier }] of unknown.entries()) {
            const { name, isThere } = rows[index] as (typeof rows)[number];
            const known = isThere === 't' ? name : (this.#told.get(oid) ?? name);
            learnt[typeKey(oid, modifier)] = known;
            this.#names.set(typeKey(oid, modifier), known);
        }
        return learnt;
    }
}

function columnTypes(message: Buffer): { readonly oid: number; readonly columns: readonly ColumnType[] } {
    const oid = message.readUInt32BE(1);
    const schemaEnd = message.indexOf(0, 5);
    // Behind the table's name the letter of its identity.
    let at = message.indexOf(0, schemaEnd + 1) + 2;
    const count = message.readInt16BE(at);
    at += 2;
    const columns: ColumnType[] = [];
    for (let place = 0; place < count; place++) {
        const nameEnd = message.indexOf(0, at + 1);
        columns.push({ oid: message.readUInt32BE(nameEnd + 1), modifier: message.readInt32BE(nameEnd + 5) });
        at = nameEnd + 9;
    }
    return { oid, columns };
}
