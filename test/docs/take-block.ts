import { expect } from 'vitest';
import type { Block } from './pages.ts';
import { type Command, commandsOf, isAsShown, normalised, type Ran, type Session } from './session.ts';

const RUN = new Set(['console', 'sh']);

/** Whether a reader who follows the page does something with a block. */
export function isStep(block: Block): boolean {
    const isCommand = RUN.has(block.language) && block.marker?.key !== 'not run';
    return isCommand || block.marker?.key === 'file' || block.language === 'diff';
}

/** Does what a block shows: writes its file, makes its edit, or runs its commands, which must print what it shows. */
export function takeBlock(session: Session, block: Block): void {
    if (block.marker?.key === 'file') {
        session.write(block.marker.value, block.lines);
    } else if (block.language === 'diff') {
        session.edit(block.lines);
    } else {
        const ran = session.run(commandsOf(block));
        ran.forEach((one, index) => {
            check(one, ran[index + 1]?.command);
        });
    }
}

function check({ command, printed, status }: Ran, next: Command | undefined): void {
    const { shown, text } = command;
    const saysError =
        shown?.some((line) => /^(?:error|Error|RECORDS_REJECTED)\b/.test(line)) || next?.text === 'echo $?';
    if (!saysError) {
        expect(status, `${text}\n${printed.join('\n')}`).toBe(0);
    }
    if (shown !== null && !isAsShown(printed, shown)) {
        // Not equal, and where the page shows all of it this says how.
        expect(normalised(printed), text).toEqual(normalised(shown));
        throw new Error(`"${text}" printed something else:\n${printed.join('\n')}`);
    }
}
