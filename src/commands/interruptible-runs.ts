import type { Interrupt } from '../process/interrupt.ts';
import type { LiveRun, LiveTransform } from '../transform/live-transform.ts';

/** A person who asks a follower to end waits no longer for a transform. */
const WAITED_MS_MAX = 500;

/**
 * Runs transforms so that a signal ends the process at once where one may take long: nothing of it is kept then, and
 * the position stays. While a short one runs a signal waits, and the follower ends in order after it.
 */
export function interruptibleRuns(
    interrupt: Pick<Interrupt, 'standAside'>,
    transform: LiveTransform,
): (isApart: boolean) => LiveRun {
    let lastMs = 0;
    return (isApart) => {
        const began = performance.now();
        const work = (): LiveRun => (isApart ? transform.runApart() : transform.run());
        try {
            return isApart || lastMs > WAITED_MS_MAX ? interrupt.standAside(work) : work();
        } finally {
            lastMs = performance.now() - began;
        }
    };
}
