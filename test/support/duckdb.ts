import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

/** A DuckDB in this process: the second judge of what other engines are given, beside PostgreSQL. */
export class DuckDb {
    readonly #connection: DuckDBConnection;

    private constructor(connection: DuckDBConnection) {
        this.#connection = connection;
    }

    static async open(file = ':memory:'): Promise<DuckDb> {
        const instance = await DuckDBInstance.create(file, { threads: '1' });
        return new DuckDb(await instance.connect());
    }

    async run(sql: string): Promise<void> {
        await this.#connection.run(sql);
    }

    /** The rows of a query, each value as text, null as null. */
    async rows(query: string): Promise<(string | null)[][]> {
        const reader = await this.#connection.runAndReadAll(query);
        return reader.getRowsJson().map((row) => row.map((value) => (value === null ? null : String(value))));
    }

    close(): void {
        this.#connection.closeSync();
    }
}
