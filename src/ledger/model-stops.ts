import { countChange } from '../sqlite/change-count.ts';
import type { Database } from '../sqlite/database.ts';
import { prepared } from '../sqlite/kept-statements.ts';

/** A row of `elt_stops`: a model that stopped where the key of its relation changed. */
export interface ModelStop {
    readonly model: string;
    readonly text_hash: string;
    readonly keys: string;
    readonly _seq: number;
    readonly reason: string;
    readonly key: string;
}

export function readModelStops(database: Database): ReadonlyMap<string, ModelStop> {
    const rows = prepared(database, 'select * from elt_stops').all() as ModelStop[];
    return new Map(rows.map((row) => [row.model, row]));
}

/** Replaces what is recorded by the models that are stopped now. */
export function saveModelStops(database: Database, stops: readonly ModelStop[]): void {
    const recorded = readModelStops(database);
    for (const model of recorded.keys()) {
        if (!stops.some((stop) => stop.model === model)) {
            database.prepare('delete from elt_stops where model = ?').run(model);
            countChange(database);
        }
    }
    const insert = prepared(
        database,
        `insert into elt_stops (model, text_hash, keys, _seq, reason, key, stopped_at)
        values (:model, :text_hash, :keys, :_seq, :reason, :key, :stopped_at)
        on conflict (model) do update set
            text_hash = excluded.text_hash,
            keys = excluded.keys,
            _seq = excluded._seq,
            reason = excluded.reason,
            key = excluded.key,
            stopped_at = excluded.stopped_at`,
    );
    for (const { model, text_hash, keys, _seq, reason, key } of stops) {
        const before = recorded.get(model);
        const isSame = before?.text_hash === text_hash && before.keys === keys && before._seq === _seq;
        if (!isSame) {
            countChange(database);
            insert.run({ model, text_hash, keys, _seq, reason, key, stopped_at: new Date().toISOString() });
        }
    }
}
