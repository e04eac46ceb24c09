/**
 * What `--json` prints: one convention for every command (docs/json.md). A member that a program may rely on keeps its name
 * and meaning as long as the version is the same; members may be added.
 */
const SCHEMA_VERSION = 1;

/** Members that hold what tables hold: values, and names that people gave. */
const DATA: ReadonlySet<string> = new Set(['rows', 'examples']);

/** The document of a result. An array is the answer of a question, its rows as they are. */
export function jsonDocument(value: unknown): unknown {
    return Array.isArray(value) ? value : { schemaVersion: SCHEMA_VERSION, ...(named(value) as object) };
}

/** Names in the convention, also those of columns of the control tables: `_seq` and `staging_table`. */
function named(value: unknown): unknown {
    if (Array.isArray(value)) {
        return value.map(named);
    }
    if (!isPlain(value)) {
        return value;
    }
    return Object.fromEntries(
        Object.entries(value).map(([name, member]) => [memberName(name), DATA.has(name) ? member : named(member)]),
    );
}

function memberName(name: string): string {
    return name.replace(/^_/, '').replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function isPlain(value: unknown): value is object {
    return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
