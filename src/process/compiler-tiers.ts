/**
 * V8's last compiler (TurboFan) pays after a while: of a load of 46 MB it takes 15 % of the processor time, and from 90 MB
 * on a load ends sooner with it.
 */
const LAST_TIER_BYTES_MIN = 64 * 1024 * 1024;
/** The same in changes, for what is compressed. */
const LAST_TIER_CHANGES_MIN = 40_000;

/**
 * Runs `work`, which lands sources of these sizes (null: a pipe), without that compiler if they are small; `work` says how
 * many changes have landed.
 */
export async function withTiersFor<T>(
    sizes: readonly (number | null)[],
    work: (landed: (changes: number) => void) => Promise<T>,
): Promise<T> {
    const bytes = sizes.reduce<number>((sum, size) => sum + (size ?? LAST_TIER_BYTES_MIN), 0);
    if (bytes >= LAST_TIER_BYTES_MIN) {
        return await work(() => undefined);
    }
    const v8 = process.getBuiltinModule('node:v8');
    v8.setFlagsFromString('--no-turbofan');
    try {
        return await work((changes) => {
            if (changes >= LAST_TIER_CHANGES_MIN) {
                v8.setFlagsFromString('--turbofan');
            }
        });
    } finally {
        v8.setFlagsFromString('--turbofan');
    }
}
