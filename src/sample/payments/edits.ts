import type { RandomSource } from '../../core/random-source.ts';
import { timestampText } from '../../core/timestamp-text.ts';
import { randomBase64, randomUuid } from '../random-values.ts';
import { errorDetails, identifier, statusUpdate, threeDSecureData, vaultData, vaultOptions } from './documents.ts';
import { drawFlow, quoted } from './flow.ts';
import type { LiveRow, LiveRows } from './live-rows.ts';
import { EVENT_TABLE, REQUEST_TABLE, type SampleTable, TOKEN_TABLE, TRANSACTION_TABLE } from './tables.ts';

/** One way in which the application changes a row: the new values by column name. */
type Edit = (random: RandomSource, micros: number, live: LiveRows) => Readonly<Record<string, string>>;

/** Most edits change a column of `metrics`, some do not, and some change which rows join. */
const EDITS: ReadonlyMap<SampleTable, readonly Edit[]> = new Map<SampleTable, readonly Edit[]>([
    [
        TRANSACTION_TABLE,
        [
            (random, micros) => ({
                status: random.pick(['"AUTHORIZED"', '"SETTLED"', '"DECLINED"', '"CANCELLED"']),
                updated_at: timestamp(micros),
                processor_transaction_id: identifier('ptx-', random),
            }),
            (random, micros) => ({ amount: String(random.below(1_000_000)), updated_at: timestamp(micros) }),
            (_, micros) => ({ transaction_type: '"REFUND"', direction: '"CREDIT"', updated_at: timestamp(micros) }),
        ],
    ],
    [
        EVENT_TABLE,
        [
            (random) => ({ delivered: random.pick(['true', 'false', 'null']) }),
            (random) => ({ updates: statusUpdate(random.pick(['SETTLING', 'SETTLED', 'CANCELLED'])) }),
            (random) => ({ error_details: errorDetails(drawFlow(random)) }),
            (random, _, live) => ({ transaction_id: keyOf(live, TRANSACTION_TABLE) ?? quoted(randomUuid(random)) }),
        ],
    ],
    [
        REQUEST_TABLE,
        [
            () => ({ final: 'true', reason: '"completed by the customer"' }),
            (random) => ({ vault_options: vaultOptions(drawFlow(random)) }),
            (random, _, live) => ({ token_id: (random.chance(800) ? keyOf(live, TOKEN_TABLE) : undefined) ?? 'null' }),
        ],
    ],
    [
        TOKEN_TABLE,
        [
            (random) => ({ vault_data: vaultData(drawFlow(random), random), token_type: '"MULTI_USE"' }),
            (random) => ({ three_d_secure_authentication: threeDSecureData(random) }),
            () => ({ vault_data: 'null', multi_use_token_id: 'null' }),
        ],
    ],
]);

function keyOf(live: LiveRows, table: SampleTable): string | undefined {
    return live.pickOf(table)?.values[0];
}

function timestamp(micros: number): string {
    return quoted(timestampText(micros));
}

/** Changes `row` in place, as its table's application would. */
export function editRow(row: LiveRow, random: RandomSource, micros: number, live: LiveRows): void {
    const edit = random.pick(EDITS.get(row.table)!);
    for (const [name, value] of Object.entries(edit(random, micros, live))) {
        const column = row.table.columns.findIndex(([columnName]) => columnName === name);
        row.values[column] = value;
    }
}

/** A key that no row has had: text for a token, else a UUID. */
export function newKey(table: SampleTable, random: RandomSource): string {
    return quoted(table === TOKEN_TABLE ? randomBase64(random, 18) : randomUuid(random));
}

/** Longer than any identifier, shorter than the customer's, the instrument's and the processor's documents. */
const TOASTED_CHARACTERS_MIN = 300;

/** The out-of-line columns of a new row: in one row of two, its long documents. No edit sets one of these. */
export function toastedColumns(values: readonly string[], random: RandomSource): ReadonlySet<number> {
    const toasted = new Set<number>();
    if (random.chance(500)) {
        for (const [column, value] of values.entries()) {
            if (value.length > TOASTED_CHARACTERS_MIN) {
                toasted.add(column);
            }
        }
    }
    return toasted;
}
