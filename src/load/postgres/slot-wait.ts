import type { SlotWait } from '../../capture/postgres/create-slot.ts';
import type { Interrupt } from '../../process/interrupt.ts';

/** What is said while a slot is created. */
export function slotWait(interrupt: Pick<Interrupt, 'requested'>, observer: { note(text: string): void }): SlotWait {
    return {
        isInterrupted: () => interrupt.requested(),
        waiting: (blockers, seconds) => {
            const words = blockers.length === 0 ? 'none that this user is shown' : blockers.join('; ');
            observer.note(`the slot waits since ${seconds} s for transactions that are open: ${words}`);
        },
    };
}
