import { lsnNumber, lsnOf } from '../../core/lsn.ts';
import type { PlacedValues } from '../../core/placed-values.ts';
import type { Shape, SqlValue, StreamChange } from '../../core/stream-event.ts';
import { storedValues } from '../scanned-row.ts';

const NO_SHAPE: Shape = { op: 'insert', schema: '', table: '', columns: [], oldColumns: [], primaryKey: null };

/**
 * The row under way, without any JavaScript values: a decoder has one for all of them, because a stream makes millions
 * and the collector would take a core. Valid only while it is delivered.
 */
export class PlacedRow implements StreamChange {
    readonly kind = 'change';
    readonly scanned: { readonly values: PlacedValues; newAt: number; oldAt: number };
    readonly logPlace = { high: 0, low: 0 };
    shape = NO_SHAPE;
    xid: string | null = null;
    record = 0;
    change = 0;
    offset = 0;

    constructor(values: PlacedValues) {
        this.scanned = { values, newAt: 0, oldAt: 0 };
    }

    get lsn(): string {
        return lsnOf(this.logPlace.high, this.logPlace.low);
    }

    get values(): readonly SqlValue[] {
        return storedValues(this.scanned.values, this.scanned.newAt, this.shape.columns.length);
    }

    get old(): readonly SqlValue[] {
        return storedValues(this.scanned.values, this.scanned.oldAt, this.shape.oldColumns.length);
    }

    /** For rows that all have one place. */
    placeAt(lsn: string): void {
        const place = lsnNumber(lsn) ?? 0n;
        this.logPlace.high = Number(place >> 32n);
        this.logPlace.low = Number(place & 0xffffffffn);
    }
}
