import { bytesText, durationText, grouped } from './text-table.ts';

const REDRAW_MS = 100;
const BAR_CHARACTERS = 24;

/** A line on standard error that shows the progress of a load; draws nothing if that is not a terminal. */
export class Progress {
    readonly #label: string;
    readonly #bytesTotal: number | null;
    readonly #isShown: boolean;
    readonly #started = performance.now();
    #drawn = 0;

    constructor(label: string, bytesTotal: number | null, isShown: boolean) {
        this.#label = label;
        this.#bytesTotal = bytesTotal;
        this.#isShown = isShown;
    }

    update(bytes: number, changes: number): void {
        const now = performance.now();
        if (!this.#isShown || now - this.#drawn < REDRAW_MS) {
            return;
        }
        this.#drawn = now;
        process.stderr.write(
            `\r\u001b[K${progressLine(this.#label, bytes, this.#bytesTotal, changes, now - this.#started)}`,
        );
    }

    clear(): void {
        if (this.#isShown && this.#drawn > 0) {
            process.stderr.write('\r\u001b[K');
        }
    }
}

/** `wal.json [#####-----]  48 %  210.3 MB  102,400 changes/s  12 s left`. */
export function progressLine(
    label: string,
    bytes: number,
    bytesTotal: number | null,
    changes: number,
    elapsedMs: number,
): string {
    const rate = `${grouped(Math.round((changes * 1000) / Math.max(1, elapsedMs)))} changes/s`;
    if (bytesTotal === null || bytesTotal === 0) {
        return `${label}  ${bytesText(bytes)}  ${rate}`;
    }
    const share = Math.min(1, bytes / bytesTotal);
    const filled = Math.round(share * BAR_CHARACTERS);
    const bar = `[${'#'.repeat(filled)}${'-'.repeat(BAR_CHARACTERS - filled)}]`;
    const left = share > 0.01 ? `  ${durationText((elapsedMs * (1 - share)) / share)} left` : '';
    return `${label} ${bar} ${String(Math.floor(share * 100)).padStart(3)} %  ${bytesText(bytes)}  ${rate}${left}`;
}
