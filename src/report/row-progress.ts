import { grouped } from './text-table.ts';

const REDRAW_MS = 100;

/** A line on standard error that shows how many of a table's rows are done; draws nothing if that is not a terminal. */
export class RowProgress {
    readonly #label: string;
    readonly #rowsTotal: number;
    readonly #isShown: boolean;
    #drawn = 0;

    constructor(label: string, rowsTotal: number, isShown: boolean) {
        this.#label = label;
        this.#rowsTotal = rowsTotal;
        this.#isShown = isShown;
    }

    update(rows: number): void {
        const now = performance.now();
        if (this.#isShown && now - this.#drawn >= REDRAW_MS) {
            this.#drawn = now;
            const share = Math.floor((rows * 100) / Math.max(1, this.#rowsTotal));
            const counts = `${grouped(rows)} of ${grouped(this.#rowsTotal)} rows`;
            process.stderr.write(`\r\u001b[K${this.#label}  ${String(share).padStart(3)} %  ${counts}`);
        }
    }

    clear(): void {
        if (this.#isShown && this.#drawn > 0) {
            process.stderr.write('\r\u001b[K');
        }
    }
}
